import { Refusal } from '../../../src/domain/errors.js';

/** The refusal a promise ends with. @throws Error when it ends otherwise */
export async function rejection(promise: Promise<unknown>): Promise<Refusal> {
  const outcome = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (outcome instanceof Refusal) return outcome;
  throw new Error('expected a refusal', { cause: outcome });
}
