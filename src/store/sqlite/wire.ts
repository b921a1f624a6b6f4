import type { Boosts } from '../../domain/rank.js';
import type { Effects } from './context.js';
import type { WireError } from './sqlite-error.js';

/** What passes between the store and its workers. */

export interface WorkerOptions {
  readonly file: string;
  readonly role: 'writer' | 'reader' | 'checkpointer';
  readonly boosts: Boosts;
  readonly retentionMs: number;
  readonly clockOffsetMs: number;
  /** For tests alone: pages that the file may have. */
  readonly maxPages?: number;
}

export interface Call {
  readonly name: string;
  readonly argument: unknown;
  /** A payload that goes beside the argument. */
  readonly bytes?: Uint8Array;
}

/** Calls as they cross: a list a part, for the names of an object's properties would cross with each. */
export interface PackedCalls {
  readonly names: readonly string[];
  readonly arguments: readonly unknown[];
  /** Bytes of each call's payload; -1 for one without. */
  readonly sizes: readonly number[];
  /** The payloads, one behind the other; handed over. */
  readonly payloads: ArrayBuffer;
}

export type Request =
  | { readonly kind: 'run'; readonly calls: PackedCalls }
  /** For tests alone: moves the store's clock. */
  | { readonly kind: 'move_clock'; readonly byMs: number }
  | { readonly kind: 'close' };

export type Result =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: WireError };

/** What a group of calls gave. */
export interface RanReply {
  readonly kind: 'ran';
  /** One a call, in order; undefined where it failed. */
  readonly values: readonly unknown[];
  /** By the place of the call. */
  readonly errors: ReadonlyMap<number, WireError>;
  readonly effects: Effects;
}

/** What the claims of a group were granted, before the group is on the disk; none of its other calls is told of. */
export interface GrantedReply {
  readonly kind: 'granted';
  /** One a call, in order; undefined where it is no claim. */
  readonly values: readonly unknown[];
}

export type Reply =
  | { readonly kind: 'ready' }
  | { readonly kind: 'refused'; readonly message: string; readonly explained: boolean }
  | GrantedReply
  | RanReply
  | { readonly kind: 'moved' }
  | { readonly kind: 'closed' }
  /** The database can no longer be trusted; the process must stop. */
  | { readonly kind: 'fatal'; readonly error: WireError };
