import type { IncomingHttpHeaders } from 'node:http';
import { InvalidRequest, type FieldProblem } from '../invalid-request.js';

/** Where the bytes of a request stand in a content. */
export interface UploadPlace {
  /** Offset of the first byte. */
  readonly offset: number;
  /** Bytes of the whole content. */
  readonly length: number;
}

/** @throws InvalidRequest for a missing or unreadable header */
export function uploadPlace(headers: IncomingHttpHeaders): UploadPlace {
  const problems: FieldProblem[] = [];
  const count = (name: 'upload-offset' | 'upload-length', min: number): number => {
    const text = headers[name];
    if (typeof text === 'string' && /^\d{1,15}$/.test(text) && Number(text) >= min) return Number(text);
    const type = text === undefined ? 'missing' : 'int_parsing';
    const msg = text === undefined ? 'Field required' : `Input should be an integer of at least ${min}`;
    problems.push({ type, loc: ['header', name], msg, input: text ?? null });
    return 0;
  };
  const place = { offset: count('upload-offset', 0), length: count('upload-length', 1) };
  if (problems.length === 0 && place.offset > place.length) {
    const msg = 'Input should be at most the Upload-Length';
    const input = String(place.offset);
    problems.push({ type: 'less_than_equal', loc: ['header', 'upload-offset'], msg, input });
  }
  if (problems.length > 0) throw new InvalidRequest(problems);
  return place;
}
