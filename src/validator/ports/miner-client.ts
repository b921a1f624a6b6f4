import type { Segment, TaskKind, TaskProgress } from '../../domain/task.js';

/** Where a miner is reached. */
export interface MinerAddress {
  readonly hotkey: string;
  readonly host: string;
  readonly port: number;
}

/** What a miner says it can do right now. */
export interface MinerCapabilities {
  readonly capabilities: readonly {
    readonly kind: TaskKind;
    readonly languages: readonly string[];
    readonly engine: string;
    readonly model: string;
  }[];
  readonly missing: readonly { readonly kind: TaskKind; readonly engine: string; readonly cure: string }[];
  readonly maxInputBytes: number;
  readonly freeSlots: number;
  readonly hotkey: string;
  readonly version: string;
}

/** The question to a miner. */
export interface AudioTask {
  readonly kind: TaskKind;
  readonly language: string;
  readonly input: Uint8Array;
  readonly voice?: string;
  readonly maxSentences?: number;
  /** How long the caller waits. */
  readonly deadlineMs: number;
}

export interface MinerReply {
  readonly output: Uint8Array;
  readonly mediaType: string;
  readonly model: string;
  readonly segments: readonly Segment[];
  /** By the miner's clock; never used for judging. */
  readonly minerProcessingMs: number;
  /** From the question to the first byte of the reply, by this clock. */
  readonly firstByteMs: number;
  /** From the question to the last byte of the reply, by this clock. */
  readonly totalMs: number;
}

/** Asks miners, over whatever wire. Failures are thrown as Refusal; one that cannot be reached is UNAVAILABLE. */
export interface MinerClient {
  capabilities(address: MinerAddress, signal: AbortSignal): Promise<MinerCapabilities>;
  query(address: MinerAddress, task: AudioTask, options: QueryOptions): Promise<MinerReply>;
  close(): void;
}

export interface QueryOptions {
  readonly signal: AbortSignal;
  onProgress?(progress: TaskProgress): void;
}
