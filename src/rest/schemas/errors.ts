import { object, text, type Schema } from './json.js';

const simple = object({ detail: text('What is wrong'), reason: text('UPPER_SNAKE, to branch on') }, [
  'reason',
]);

const invalid = object({
  detail: {
    type: 'array',
    items: object(
      {
        type: text('Kind of the problem'),
        loc: { type: 'array', items: {}, description: 'Part of the request, then the path in it' },
        msg: text('What is wrong'),
        input: { description: 'What came', nullable: true },
        ctx: { type: 'object', description: 'Values that the message mentions' },
      },
      ['ctx'],
    ),
  },
});

const DESCRIPTIONS: Readonly<Record<number, string>> = {
  400: 'The body is broken',
  404: 'There is none of this name',
  409: 'Not possible in the state that it is in',
  413: 'Above a limit, which the detail names with its setting',
  415: 'The body has another media type',
  416: 'Nothing of it is in the range',
  422: 'A field is missing or outside its rule',
  507: 'The disk is nearly full',
};

/** The answer of a route and the errors it gives on purpose; any may also end with 429, 500, 503 or 504. */
export function answers(ok: Schema, ...statuses: readonly number[]): Readonly<Record<string, unknown>> {
  return { 200: { description: 'OK', ...ok }, ...failures(...statuses) };
}

/** The errors alone. */
export function failures(...statuses: readonly number[]): Readonly<Record<string, unknown>> {
  const all: Record<number, Schema> = {};
  for (const status of statuses) {
    all[status] = { description: DESCRIPTIONS[status] ?? '', ...(status === 422 ? invalid : simple) };
  }
  return all;
}
