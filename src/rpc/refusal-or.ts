import { Refusal } from '../domain/errors.js';

/** A refusal as a value, so that one item of a batch need not end the others. */
export async function refusalOr<Value>(promise: Promise<Value>): Promise<Value | Refusal> {
  try {
    return await promise;
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}
