import type { MultipartFile } from '@fastify/multipart';
import { UploadHeader } from '../../gen/ts/audiosubnet/v1/content_service.js';
import type { Transcription } from '../../gen/ts/audiosubnet/v1/task.js';
import type { BridgeClients } from './clients.js';
import { InvalidRequest } from './invalid-request.js';

export interface ReceivedAudio {
  readonly audio: NonNullable<Transcription['audio']>;
  readonly fileName: string;
  readonly mediaType: string;
  /** The first bytes, as they came. */
  readonly head: Uint8Array;
}

/** What the form parser says of a part that names no media type. */
const UNNAMED_MEDIA_TYPE = 'text/plain';

/**
 * Passes an uploaded file on as it comes, no faster than the proxy takes it. An empty file stays inline,
 * so that its submission is refused like any other empty audio.
 */
export async function receiveAudio(
  part: MultipartFile,
  content: BridgeClients['content'],
  signal: AbortSignal,
): Promise<ReceivedAudio> {
  const chunks = part.file.iterator({ destroyOnReturn: false }) as AsyncIterableIterator<Buffer>;
  const first = await chunks.next();
  const audio: ReceivedAudio['audio'] =
    first.done === true
      ? { $case: 'inlineAudio', value: Buffer.alloc(0) }
      : {
          $case: 'content',
          value: await content.uploadContent(startingWith(first.value, chunks), UploadHeader.create(), {
            signal,
          }),
        };
  // The parser leaves the name out when the part has none, against its declared type.
  const filename = part.filename as string | undefined;
  // Bytes that the proxy did not need are skipped, so that the parts behind the file are reached.
  part.file.resume();
  return {
    audio,
    fileName: filename ?? '',
    mediaType: part.mimetype === UNNAMED_MEDIA_TYPE ? '' : part.mimetype,
    head: first.done === true ? Buffer.alloc(0) : first.value,
  };
}

/** @param name of the field */
export function secondFile(name: string): InvalidRequest {
  return new InvalidRequest([
    { type: 'too_many_files', loc: ['body', name], msg: 'Only one file is taken', input: null },
  ]);
}

/** A request that carries audio and names other audio too. */
export function twoAudios(): InvalidRequest {
  const msg = 'Only one of audio_file and content_sha256 is taken';
  return new InvalidRequest([{ type: 'value_error', loc: ['body', 'content_sha256'], msg, input: null }]);
}

async function* startingWith(first: Buffer, rest: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  yield first;
  yield* rest;
}
