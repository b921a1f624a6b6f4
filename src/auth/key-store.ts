import type { Scope } from '../domain/scope.js';

/** A key as it is kept: never its text. Times are Unix milliseconds. */
export interface StoredKey {
  readonly id: string;
  /** What its maker calls it. */
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly createMs: number;
  /** When its newest secret was made, where that is not its first one. */
  readonly rotateMs?: number;
  readonly revokeMs?: number;
  /** None once the key is revoked. */
  readonly secrets: readonly StoredSecret[];
}

export interface StoredSecret {
  /** Keyed hash of the key's text, 64 lower-case hexadecimal digits. */
  readonly hash: string;
  /** When it ends; absent for the newest one. */
  readonly expireMs?: number;
}

export interface NewKey extends Pick<StoredKey, 'id' | 'name' | 'scopes' | 'createMs'> {
  readonly hash: string;
}

export interface Rotation {
  readonly id: string;
  /** Of the new text. */
  readonly hash: string;
  readonly nowMs: number;
  /** When the secrets until now end; `nowMs` at once. */
  readonly expireMs: number;
}

export type ChangeOutcome = 'changed' | 'revoked' | 'not_found';

/** Keeps keys, also while a proxy and commands use it at the same time. A key that was made is never removed. */
export interface KeyStore {
  create(key: NewKey): Promise<void>;
  /** Oldest first, revoked ones too. */
  list(): Promise<readonly StoredKey[]>;
  /** Ends every secret of the key. `revoked` when it was before. */
  revoke(id: string, nowMs: number): Promise<ChangeOutcome>;
  /** Adds a secret. `revoked` when the key is: it stays so. */
  rotate(rotation: Rotation): Promise<ChangeOutcome>;
  /** Another number after each change that was made elsewhere; costs next to nothing. */
  version(): Promise<number>;
  close(): void;
}
