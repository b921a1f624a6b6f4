import { Refusal } from '../domain/errors.js';

/** Where a page begins, tied to the filter of the list it belongs to. */
export interface PageToken {
  readonly after: number;
  /** The filter in a form that differs when the filter does. */
  readonly filter: string;
}

export function writePageToken({ after, filter }: PageToken): string {
  return Buffer.from(JSON.stringify([after, filter])).toString('base64url');
}

/** @throws Refusal INVALID_PAGE_TOKEN when it is not one that was written for this filter */
export function readPageToken(token: string, filter: string): PageToken {
  const after = parse(token);
  if (after === undefined || writePageToken({ after, filter }) !== token) {
    throw new Refusal('INVALID_PAGE_TOKEN', 'page_token: not one that was given for this filter', {
      violations: [{ field: 'page_token', description: 'not one that was given for this filter' }],
    });
  }
  return { after, filter };
}

function parse(token: string): number | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(token, 'base64url').toString());
    const after: unknown = Array.isArray(value) ? value[0] : undefined;
    return Number.isSafeInteger(after) ? (after as number) : undefined;
  } catch {
    return undefined;
  }
}
