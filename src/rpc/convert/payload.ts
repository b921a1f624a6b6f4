import type { ContentRef, TaskInput as ProtoTaskInput } from '../../../gen/ts/audiosubnet/v1/task.js';
import type { Sha256 } from '../../domain/ids.js';
import type { Payload } from '../../domain/task.js';

/** What kind of bytes a payload holds. */
export type PayloadForm = 'audio' | 'text';

/** A payload on the wire, inputs and outputs alike. */
export type ProtoPayload = NonNullable<ProtoTaskInput['payload']>;

export function payloadToProto(payload: Payload, form: PayloadForm): ProtoPayload {
  if (payload.kind === 'content') return { $case: 'content', value: contentToProto(payload) };
  const { bytes } = payload;
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return form === 'audio' ? { $case: 'audio', value: buffer } : { $case: 'text', value: buffer.toString() };
}

export function payloadFromProto(payload: ProtoPayload): Payload {
  switch (payload.$case) {
    case 'text':
      return { kind: 'inline', bytes: textBytes(payload.value) };
    case 'audio':
      return { kind: 'inline', bytes: payload.value };
    case 'content':
      return contentFromProto(payload.value);
  }
}

export function contentToProto({ sha256, sizeBytes }: { sha256: string; sizeBytes: number }): ContentRef {
  return { sha256, sizeBytes: BigInt(sizeBytes) };
}

/** The size is the sender's word, 0 when it gave none. */
export function contentFromProto({ sha256, sizeBytes }: ContentRef): Payload & { readonly kind: 'content' } {
  return { kind: 'content', sha256: sha256 as Sha256, sizeBytes: Number(sizeBytes) };
}

/** May share its memory with other small buffers: copied where it is kept or handed to another thread. */
export function textBytes(text: string): Uint8Array {
  return Buffer.from(text);
}

/** Unicode code points of well-formed text. */
export function codePoints(text: string): number {
  return text.length - (text.match(/[\ud800-\udbff]/g)?.length ?? 0);
}
