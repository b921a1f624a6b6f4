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
  /** A payload that goes beside the argument; those of one request share one buffer. */
  readonly bytes?: Uint8Array;
}

export type Request =
  | { readonly kind: 'run'; readonly calls: readonly Call[] }
  /** For tests alone: moves the store's clock. */
  | { readonly kind: 'move_clock'; readonly byMs: number }
  | { readonly kind: 'close' };

export type Result =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: WireError };

export type Reply =
  | { readonly kind: 'ready' }
  | { readonly kind: 'refused'; readonly message: string; readonly explained: boolean }
  | { readonly kind: 'ran'; readonly results: readonly Result[]; readonly effects: Effects }
  | { readonly kind: 'moved' }
  | { readonly kind: 'closed' }
  /** The database can no longer be trusted; the process must stop. */
  | { readonly kind: 'fatal'; readonly error: WireError };
