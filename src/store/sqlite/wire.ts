import type { Boosts } from '../../domain/rank.js';
import type { StoreEffects } from '../../queue/task-store.js';
import type { WireError } from './sqlite-error.js';

/** What passes between the store and its workers. */

export interface WorkerOptions {
  readonly file: string;
  readonly role: 'writer' | 'reader';
  readonly boosts: Boosts;
  readonly clockOffsetMs: number;
}

export interface Call {
  readonly name: string;
  readonly argument: unknown;
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
  | { readonly kind: 'ran'; readonly results: readonly Result[]; readonly effects: StoreEffects }
  | { readonly kind: 'moved' }
  | { readonly kind: 'closed' }
  /** The database can no longer be trusted; the process must stop. */
  | { readonly kind: 'fatal'; readonly error: WireError };
