/**
 * Readers of the JSON that the library makes of decoded values. The types come from the node's metadata at run time,
 * so nothing is taken for granted.
 */
export type Json = Readonly<Record<string, unknown>>;

/** @throws Error */
export function objectOf(value: unknown, name: string): Json {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json;
  throw new Error(`the chain's ${name} is no structure`);
}

/** @throws Error */
export function listOf(fields: Json, name: string): readonly unknown[] {
  const value = fields[name];
  if (Array.isArray(value)) return value;
  throw new Error(`the chain's ${name} is no list`);
}

/** A whole number of any size; the library writes large ones as text. @throws Error */
export function bigOf(value: unknown, name: string): bigint {
  try {
    if (typeof value === 'number' || (typeof value === 'string' && value !== '')) return BigInt(value);
  } catch {
    // Said below.
  }
  throw new Error(`the chain's ${name} is no whole number`);
}

/** Loses precision above 2^53, where no value that is read so has a meaning of its own. @throws Error */
export function numberOf(value: unknown, name: string): number {
  return Number(bigOf(value, name));
}

/** @throws Error */
export function booleanOf(value: unknown, name: string): boolean {
  if (typeof value === 'boolean') return value;
  throw new Error(`the chain's ${name} is neither true nor false`);
}

/** @throws Error */
export function textOf(value: unknown, name: string): string {
  if (typeof value === 'string') return value;
  throw new Error(`the chain's ${name} is no text`);
}
