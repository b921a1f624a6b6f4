/**
 * Gives one caller after the other a turn of the event loop of its own, so that many short pieces of work that come at once
 * do not hold up everything else until the last of them.
 */
export class Turns {
  #last: Promise<void> = Promise.resolve();

  /** Resolves in a turn in which no other caller's does. */
  next(): Promise<void> {
    this.#last = this.#last.then(
      () =>
        new Promise((resolve) => {
          setImmediate(resolve);
        }),
    );
    return this.#last;
  }
}
