import type { Critique } from '../../domain/score/summary/critique.js';

/** What a critic reads; both texts come from strangers. */
export interface CriticWork {
  readonly source: string;
  readonly summary: string;
  /** Longest time that it may take, waiting for others included. */
  readonly maxMs: number;
  readonly signal: AbortSignal;
}

/** Reads a source and a summary of it and says how good the summary is. */
export interface SummaryCritic {
  /** A critic that fails says so in its answer. @throws the signal's reason, nothing else */
  criticise(work: CriticWork): Promise<Critique>;
}
