import { Refusal } from '../../src/domain/errors.js';

/** The Refusal that a promise rejects with; anything else fails the test. */
export async function refused(promise: Promise<unknown>): Promise<Refusal> {
  const outcome: unknown = await promise.catch((error: unknown) => error);
  if (outcome instanceof Refusal) return outcome;
  throw new Error('no refusal', { cause: outcome });
}
