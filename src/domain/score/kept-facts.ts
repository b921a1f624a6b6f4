import { part, percent, type Measured } from './part.js';

/** Facts that a summary is to keep, as a part of those in as much of the source as it is long. */
const WANTED_SHARE = 0.5;
/** What is left of the accuracy of a summary that keeps none. */
const LEAST = 0.3;

export interface SourceFacts {
  /** Names and numbers, each once. */
  readonly facts: readonly string[];
  /** Of the source. */
  readonly characters: number;
}

/** How many of the facts that are known to be in a text its summary keeps; one that is longer has to keep more. */
export function keptFacts(summary: string, { facts, characters }: SourceFacts): Measured | undefined {
  if (facts.length === 0) return undefined;
  const words = new Set(
    summary
      .toLowerCase()
      .replace(/(\d)[.,\s](?=\d{3})/g, '$1')
      .split(/[^\p{L}\p{M}\p{N}]+/u),
  );
  const kept = facts.filter((fact) => words.has(fact.toLowerCase())).length;
  const share = Math.min(1, summary.length / Math.max(1, characters));
  const wanted = Math.max(1, WANTED_SHARE * share * facts.length);
  const value = LEAST + (1 - LEAST) * Math.min(1, kept / wanted);
  return part(
    'facts',
    value,
    `It keeps ${kept} of ${facts.length} names and numbers (${percent(share)} of the length).`,
  );
}
