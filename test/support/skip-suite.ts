import type { Context } from 'mocha';

/** Skips the tests of a suite from its `before` hook; each says why. */
export function skipSuite(context: Context, reason: string): never {
  context.test?.parent?.eachTest((test) => {
    test.title += ` (skipped: ${reason})`;
  });
  return context.skip();
}

/** The first line of what went wrong. */
export function firstLine(error: unknown): string {
  return String(error).split('\n')[0] ?? '';
}
