import { createHash } from 'node:crypto';
import { DownloadContentRequest } from '../../gen/ts/audiosubnet/v1/content_service.js';
import { Refusal } from '../domain/errors.js';
import type { ContentServiceClient } from '../rpc/clients/task-clients.js';
import { Patience, type PatienceDeps } from './patience.js';

export interface DownloadDeps extends PatienceDeps {
  readonly content: ContentServiceClient;
}

export interface DownloadCall {
  readonly signal: AbortSignal;
  /** First byte wanted. */
  readonly offset?: number | undefined;
}

/**
 * The bytes of a content in order; goes on from where it was when the connection is cut. All bytes are
 * compared with the name of the content at the end.
 *
 * @throws Refusal, DIGEST_MISMATCH among others
 */
export async function* downloadContent(
  deps: DownloadDeps,
  sha256: string,
  { signal, offset: start = 0 }: DownloadCall,
): AsyncGenerator<Uint8Array> {
  const patience = new Patience(deps, signal);
  const hash = createHash('sha256');
  let offset = start;
  for (;;) {
    const request = DownloadContentRequest.create({ sha256, offset: BigInt(offset) });
    try {
      for await (const { data } of deps.content.downloadContent(request, { signal })) {
        patience.renew();
        offset += data.length;
        hash.update(data);
        yield data;
      }
      break;
    } catch (error) {
      await patience.afterFailure(error);
    }
  }
  const actual = hash.digest('hex');
  if (start === 0 && actual !== sha256)
    throw new Refusal(
      'DIGEST_MISMATCH',
      `the bytes have SHA-256 ${actual}, asked for were those of ${sha256}`,
      {
        metadata: { expected: sha256, actual },
      },
    );
}
