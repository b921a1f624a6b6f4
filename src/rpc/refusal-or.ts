import { Refusal } from '../domain/errors.js';

/**
 * What was read, or why not, as a value: one item of a batch need not end the others. A promise only
 * where reading gave one: waiting for what is there costs each item.
 */
export function refusalOr<Value>(
  read: () => Value | Promise<Value>,
): Value | Refusal | Promise<Value | Refusal> {
  try {
    const value = read();
    return value instanceof Promise ? value.catch(onlyRefusal) : value;
  } catch (error) {
    return onlyRefusal(error);
  }
}

function onlyRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  throw error;
}
