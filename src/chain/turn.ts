/** Lets one after the other in. */
export class Turn {
  #last: Promise<unknown> = Promise.resolve();

  /** Runs when those before are done. @throws the signal's reason when it aborts first, or what the work throws */
  take<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(() => {
      signal.throwIfAborted();
      return work();
    });
    this.#last = mine.catch(() => undefined);
    return mine;
  }
}
