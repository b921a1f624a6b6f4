import {
  DownloadContentRequest,
  type DownloadContentResponse,
} from '../../gen/ts/audiosubnet/v1/content_service.js';
import type { ContentRef, Task, TaskInput, TaskResult } from '../../gen/ts/audiosubnet/v1/task.js';
import { MAX_INLINE_BYTES } from '../domain/limits.js';
import type { ByteRange } from './carriers/byte-range.js';
import type { BridgeClients } from './clients.js';

type Payload = NonNullable<TaskInput['payload'] | TaskResult['output']>;

export interface ReadContent {
  readonly client: BridgeClients['content'];
  readonly signal: AbortSignal;
  /** Right to read the input of a leased task. */
  readonly leaseToken?: string;
}

/** The bytes of a payload, fetched when they are kept as content. */
export async function payloadBytes(payload: Payload, how: ReadContent): Promise<Buffer> {
  if (payload.$case !== 'content') return Buffer.from(payload.value);
  const chunks: Buffer[] = [];
  for await (const { data } of download(payload.value, how)) chunks.push(data);
  return Buffer.concat(chunks);
}

/** The output of a task as far as it stands inside an answer; a larger one has a URL of its own. */
export async function inlineOutput({ result }: Task, how: ReadContent): Promise<Buffer | undefined> {
  const output = result?.output;
  if (output === undefined || payloadSize(output) > MAX_INLINE_BYTES) return undefined;
  return payloadBytes(output, how);
}

/** Bytes. */
export function payloadSize(payload: Payload): number {
  return payload.$case === 'content' ? Number(payload.value.sizeBytes) : Buffer.byteLength(payload.value);
}

/** Opens a part of a content and waits for its first chunk, which tells whether there is content at all. */
export async function openContent(
  { sha256 }: Pick<ContentRef, 'sha256'>,
  { start, end }: ByteRange,
  { client, signal, leaseToken = '' }: ReadContent,
): Promise<AsyncIterable<Buffer>> {
  const part = { sha256, leaseToken, offset: BigInt(start), maxBytes: BigInt(end - start) };
  const rest = client.downloadContent(part, { signal })[Symbol.asyncIterator]();
  return bytesOf(await rest.next(), rest);
}

function download(
  { sha256 }: ContentRef,
  { client, signal, leaseToken = '' }: ReadContent,
): AsyncIterable<DownloadContentResponse> {
  return client.downloadContent(DownloadContentRequest.create({ sha256, leaseToken }), { signal });
}

async function* bytesOf(
  first: IteratorResult<DownloadContentResponse>,
  rest: AsyncIterator<DownloadContentResponse>,
): AsyncIterable<Buffer> {
  try {
    for (let next = first; next.done !== true; next = await rest.next()) yield next.value.data;
  } finally {
    await rest.return?.();
  }
}
