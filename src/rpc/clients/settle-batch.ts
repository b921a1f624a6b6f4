import { Settlement, type SettlementResult } from '../../../gen/ts/audiosubnet/v1/validator_integration.js';
import { CallBatch, type BatchCall } from './call-batch.js';

/** Settlements that wait for one another's call go into the next one together. */
export function createSettleBatch(
  call: BatchCall<Settlement, SettlementResult>,
): CallBatch<Settlement, SettlementResult> {
  return new CallBatch({
    call,
    bytesOf: (settlement) => Settlement.encode(settlement).finish().byteLength,
    maxItems: 256,
    // Well below what a message may hold.
    maxBytes: 3 * 1024 * 1024,
  });
}
