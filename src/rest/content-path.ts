import { InvalidRequest } from './invalid-request.js';

export const CONTENT_PATH = '/api/v1/content/:sha256';

/** The path parameter of routes about one content. */
export interface ContentPath {
  Params: { sha256: string };
}

/** @throws InvalidRequest for what is no SHA-256 in hexadecimal digits */
export function sha256Of({ sha256 }: ContentPath['Params']): string {
  const folded = sha256.toLowerCase();
  if (/^[0-9a-f]{64}$/.test(folded)) return folded;
  const msg = 'Input should be a SHA-256: 64 hexadecimal digits';
  throw new InvalidRequest([
    { type: 'string_pattern_mismatch', loc: ['path', 'sha256'], msg, input: sha256.slice(0, 64) },
  ]);
}
