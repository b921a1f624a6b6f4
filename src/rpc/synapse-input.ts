import { createHash } from 'node:crypto';
import { Refusal } from '../domain/errors.js';

/** The input of one synapse as it arrives, in memory of its announced length. */
export interface SynapseInput {
  /**
   * @returns all of it once the last chunk is there
   * @throws Refusal SIZE_MISMATCH, DIGEST_MISMATCH
   */
  add(chunk: Uint8Array, last: boolean): Uint8Array | undefined;
}

/** @param sha256 empty when it was not announced */
export function createSynapseInput(sizeBytes: number, sha256: string): SynapseInput {
  const input = new Uint8Array(sizeBytes);
  let received = 0;
  return {
    add(chunk, last) {
      if (received + chunk.byteLength > sizeBytes) throw sizeMismatch(sizeBytes, received + chunk.byteLength);
      input.set(chunk, received);
      received += chunk.byteLength;
      if (!last) return undefined;
      if (received < sizeBytes) throw sizeMismatch(sizeBytes, received);
      if (sha256 !== '' && sha256Of(input) !== sha256) {
        throw new Refusal('DIGEST_MISMATCH', 'the input does not have the announced SHA-256', {
          metadata: { sha256 },
        });
      }
      return input;
    },
  };
}

export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function sizeMismatch(announced: number, received: number): Refusal {
  return new Refusal('SIZE_MISMATCH', `${announced} bytes of input were announced, ${received} came`, {
    metadata: { announced_bytes: String(announced), received_bytes: String(received) },
  });
}
