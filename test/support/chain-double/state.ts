/** Key and value bytes of the chain as hex, with what they were at every block. */
export class State {
  readonly #history = new Map<string, { readonly block: number; readonly value: string | null }[]>();

  get(key: string, block: number): string | null {
    const entries = this.#history.get(key);
    return entries?.findLast((entry) => entry.block <= block)?.value ?? null;
  }

  set(key: string, value: string | null, block: number): void {
    const entries = this.#history.get(key) ?? [];
    if (entries.at(-1)?.block === block) entries.pop();
    entries.push({ block, value });
    this.#history.set(key, entries);
  }

  /** Keys that begin so and hold a value, ascending. */
  keys(prefix: string, block: number): string[] {
    return [...this.#history.keys()]
      .filter((key) => key.startsWith(prefix) && this.get(key, block) !== null)
      .sort();
  }

  /** Forgets what later blocks wrote. */
  rollback(block: number): void {
    for (const [key, entries] of this.#history)
      this.#history.set(
        key,
        entries.filter((entry) => entry.block <= block),
      );
  }
}
