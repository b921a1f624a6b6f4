import type { Owner } from '../domain/ids.js';
import { allowedBy, type Scope } from '../domain/scope.js';
import type { Caller } from './identify.js';

/** What lets calls in until it is revoked. */
export class Pass implements Caller {
  readonly scopes: ReadonlySet<Scope>;
  readonly #listeners = new Set<() => void>();

  constructor(
    readonly owner: Owner,
    readonly granted: readonly Scope[],
  ) {
    this.scopes = allowedBy(granted);
  }

  onRevoked(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  revoke(): void {
    const listeners = [...this.#listeners];
    this.#listeners.clear();
    for (const listener of listeners) listener();
  }
}
