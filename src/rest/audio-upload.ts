import type { MultipartFile } from '@fastify/multipart';
import { UploadHeader } from '../../gen/ts/audiosubnet/v1/content_service.js';
import type { Transcription } from '../../gen/ts/audiosubnet/v1/task.js';
import type { BridgeClients } from './clients.js';
import { InvalidRequest } from './invalid-request.js';

export interface ReceivedAudio {
  readonly audio: NonNullable<Transcription['audio']>;
  readonly fileName: string;
  readonly mediaType: string;
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
  };
}

export function secondFile(): InvalidRequest {
  return new InvalidRequest([
    { type: 'too_many_files', loc: ['body', 'audio_file'], msg: 'Only one file is taken', input: null },
  ]);
}

async function* startingWith(first: Buffer, rest: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  yield first;
  yield* rest;
}
