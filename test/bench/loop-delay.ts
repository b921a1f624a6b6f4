import { readFileSync } from 'node:fs';

const BEAT_MS = 1;

/** A time between two turns of the event loop. */
export interface Block {
  readonly wallMs: number;
  /** Of it, the time that the thread ran; the rest of the machine had the others. */
  readonly ranMs: number;
}

/** Watches for how long the event loop of this thread stands still; Linux alone. */
export class LoopDelay {
  #longest: Block = { wallMs: 0, ranMs: 0 };
  #timer: NodeJS.Timeout | undefined;
  #before = now();

  /** Begins; the timer has had its first beat when it resolves. */
  async start(): Promise<void> {
    await new Promise<void>((resolve) => {
      setTimeout(resolve, BEAT_MS);
    });
    this.#before = now();
    const beat = (): void => {
      this.#beat();
      this.#timer = setTimeout(beat, BEAT_MS);
    };
    this.#timer = setTimeout(beat, BEAT_MS);
  }

  /** @returns the longest by the time that the thread itself ran, and by the clock; milliseconds */
  stop(): Block {
    clearTimeout(this.#timer);
    this.#beat();
    return this.#longest;
  }

  #beat(): void {
    const at = now();
    const wallMs = at.wallMs - this.#before.wallMs;
    const ranMs = at.ranMs - this.#before.ranMs;
    this.#longest = {
      wallMs: Math.max(this.#longest.wallMs, wallMs),
      ranMs: Math.max(this.#longest.ranMs, ranMs),
    };
    this.#before = at;
  }
}

function now(): Block {
  const [ranNs] = readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ');
  return { wallMs: performance.now(), ranMs: Number(ranNs) / 1e6 };
}
