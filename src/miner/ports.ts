import type { Segment, TaskKind, TaskProgress } from '../domain/task.js';

/** What the edge asks of a miner; no wire in it. */
export interface Miner {
  capabilities(): Promise<Capabilities>;
  /**
   * Takes a slot for a synapse before its input arrives.
   *
   * @throws Refusal ENGINE_UNAVAILABLE, MINER_BUSY, CONTENT_TOO_LARGE
   */
  admit(header: SynapseHeader): AdmittedSynapse;
}

export interface SynapseHeader {
  readonly kind: TaskKind;
  readonly language: string;
  readonly inputBytes: number;
  readonly voice?: string;
  readonly maxSentences?: number;
  readonly deadlineMs: number;
}

/** A slot. `release` must be called once, after or without `forward`. */
export interface AdmittedSynapse {
  readonly engine: string;
  /** @throws Refusal AUDIO_UNDECODABLE, ENGINE_FAILED, DEADLINE_EXCEEDED, CANCELLED */
  forward(input: Uint8Array, options: ForwardOptions): Promise<SynapseOutput>;
  release(): void;
}

export interface ForwardOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: TaskProgress) => void;
}

export interface SynapseOutput {
  readonly output: Uint8Array;
  readonly mediaType: string;
  readonly model: string;
  readonly segments: readonly Segment[];
  readonly processingMs: number;
}

export interface Capabilities {
  readonly capabilities: readonly {
    readonly kind: TaskKind;
    readonly languages: readonly string[];
    readonly engine: string;
    readonly model: string;
  }[];
  readonly missing: readonly { readonly kind: TaskKind; readonly engine: string; readonly cure: string }[];
  readonly maxInputBytes: number;
  readonly freeSlots: number;
  readonly maxSlots: number;
  readonly hotkey: string;
  readonly version: string;
}
