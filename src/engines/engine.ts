import type { Segment, TaskKind, TaskProgress } from '../domain/task.js';

/** One way to do one kind of work; miners and judges use the same ones. */
export interface Engine {
  readonly kind: TaskKind;
  /** Such as `pocketsphinx`. */
  readonly name: string;
  /** Model or voice; may be empty. */
  readonly model: string;
  /** ISO 639-1 codes. */
  readonly languages: readonly string[];
  /** @throws Refusal AUDIO_UNDECODABLE, ENGINE_FAILED, or the signal's reason */
  run(work: EngineWork): Promise<EngineOutput>;
}

export interface EngineWork {
  readonly input: Uint8Array;
  readonly language: string;
  readonly voice?: string;
  readonly maxSentences?: number;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: TaskProgress) => void;
}

export interface EngineOutput {
  readonly output: Uint8Array;
  readonly mediaType: string;
  /** Engine and model, such as `flite/slt`. */
  readonly model: string;
  readonly segments: readonly Segment[];
}

/** An engine that this machine lacks. */
export interface MissingEngine {
  readonly kind: TaskKind;
  readonly name: string;
  /** What is missing and how to get it, one sentence. */
  readonly cure: string;
}

/** What was found on this machine. The first engine of a kind and language is preferred. */
export interface EngineCatalog {
  readonly engines: readonly Engine[];
  readonly missing: readonly MissingEngine[];
}
