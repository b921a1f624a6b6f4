import { UploadHeader } from '../../gen/ts/audiosubnet/v1/content_service.js';
import { Refusal } from '../domain/errors.js';
import type { ContentServiceClient } from '../rpc/clients/task-clients.js';
import { sha256Of, type OpenAudio } from './audio-source.js';
import { Patience, type PatienceDeps } from './patience.js';
import type { StoredContent, UploadProgress } from './stored-content.js';

export interface UploadDeps extends PatienceDeps {
  readonly content: ContentServiceClient;
  /** Longest time of a call without payload, in milliseconds. */
  readonly callMs: number;
}

export interface UploadCall {
  readonly signal: AbortSignal;
  readonly onProgress?: ((progress: UploadProgress) => void) | undefined;
}

/**
 * Uploads and, whenever the connection is cut, goes on from what the server has. What it has from an earlier
 * upload of the same bytes is not sent again.
 *
 * @throws Refusal
 */
export async function uploadAudio(
  deps: UploadDeps,
  audio: OpenAudio,
  { signal, onProgress }: UploadCall,
): Promise<StoredContent> {
  const sha256 = await sha256Of(audio, signal);
  const { sizeBytes } = audio;
  // The server may hold on to a cut upload for a while; a connection that stood still may be another next time.
  const patience = new Patience(deps, signal, ['UPLOAD_STALLED', 'DEADLINE_EXCEEDED', 'OFFSET_MISMATCH']);
  const told = (sentBytes: number) => onProgress?.({ sentBytes, totalBytes: sizeBytes });
  let reached = 0;
  for (;;) {
    try {
      const offset = await committed(deps, sha256, signal);
      patience.answered();
      if (offset > reached) patience.renew();
      reached = Math.max(reached, offset);
      told(offset);
      const header = UploadHeader.fromPartial({
        sha256,
        sizeBytes: BigInt(sizeBytes),
        offset: BigInt(offset),
      });
      await deps.content.uploadContent(counting(audio, offset, told), header, { signal });
      patience.renew();
      told(sizeBytes);
      return { sha256, sizeBytes };
    } catch (error) {
      await patience.afterFailure(error);
    }
  }
}

async function committed(
  { content, callMs }: UploadDeps,
  sha256: string,
  signal: AbortSignal,
): Promise<number> {
  try {
    return Number((await content.getUpload({ sha256 }, { signal, deadlineMs: callMs })).committedBytes);
  } catch (error) {
    if (error instanceof Refusal && error.reason === 'CONTENT_NOT_FOUND') return 0;
    throw error;
  }
}

async function* counting(
  audio: OpenAudio,
  offset: number,
  told: (sentBytes: number) => void,
): AsyncIterable<Uint8Array> {
  let sent = offset;
  for await (const chunk of audio.read(offset)) {
    yield chunk;
    // Asked for the next one: the connection took this one.
    sent += chunk.byteLength;
    told(sent);
  }
}
