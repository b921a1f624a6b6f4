import { Refusal, type Reason } from '../../src/domain/errors.js';
import type { Outcome } from './history.js';

/** Reasons that a broken connection or a dying server gives as well: they say nothing of what was done. */
const NEVER_SURE: ReadonlySet<Reason> = new Set([
  'UNAVAILABLE',
  'DEADLINE_EXCEEDED',
  'CANCELLED',
  'INTERNAL',
  'MESSAGE_TOO_LARGE',
  // A shutdown whose grace is over gives it to calls that the store may still serve.
  'SERVER_DRAINING',
]);

/** What a call that failed means to its caller. */
export function outcomeOf(error: unknown): Outcome<never> {
  if (!(error instanceof Refusal)) throw error;
  return NEVER_SURE.has(error.reason) ? { kind: 'unknown' } : { kind: 'refused', reason: error.reason };
}
