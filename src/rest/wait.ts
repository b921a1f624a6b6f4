import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Fields } from './carriers/fields.js';

/** Longest time for which an answer waits; more is coerced. */
export const MAX_WAIT_SECONDS = 60;

/** How long an answer waits for the end of its task. */
export interface Wait {
  /** In [0, 60]. */
  readonly seconds: number;
  /** Asked for as a preference, which the answer then says was kept. */
  readonly preferred: boolean;
}

/** `wait` in the query or the body; without it the header `Prefer`. A bad field is noted there. */
export function waitOf(request: FastifyRequest, fields: Fields): Wait {
  const asked = fields.integer('wait', 0);
  const preferred = asked === undefined ? preferredWait(request.headers['prefer']) : undefined;
  return {
    seconds: Math.min(asked ?? preferred ?? 0, MAX_WAIT_SECONDS),
    preferred: preferred !== undefined,
  };
}

/**
 * Whole seconds of the preference `wait` (RFC 7240, section 4.3). Preferences that are not understood are
 * passed over, as the RFC asks; the first of two counts.
 */
export function preferredWait(header: string | readonly string[] | undefined): number | undefined {
  for (const preference of [header ?? []].flat().join(',').split(',')) {
    const seconds = /^\s*wait\s*=\s*(?:"(\d{1,9})"|(\d{1,9}))\s*(?:;|$)/i.exec(preference);
    if (seconds !== null) return Number(seconds[1] ?? seconds[2]);
  }
  return undefined;
}

/** Says which wait was granted. */
export function applyPreference(reply: FastifyReply, { seconds, preferred }: Wait): void {
  if (preferred) void reply.header('preference-applied', `wait=${seconds}`);
}
