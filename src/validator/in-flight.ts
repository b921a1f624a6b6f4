/** Questions that a miner of which nothing is known has at a time. */
const FIRST_LIMIT = 8;
/** No miner loses more than this by failing, so that it can show that it got better. */
const MIN_LIMIT = 1;
const MAX_LIMIT = 1_024;

interface Load {
  /** Questions that it has not answered yet. */
  open: number;
  /** Questions that it may have at a time. */
  limit: number;
}

/**
 * The questions that each miner has from this validator, by its own count, and how many it may have whatever it says
 * of its free slots: one more after each reply, half after each failure. A miner that takes everything and answers
 * nothing so holds few tasks up.
 */
export class InFlight {
  private readonly loads = new Map<string, Load>();
  private wake: () => void = () => undefined;
  private ended: Promise<void> | undefined;

  /** A question goes to a miner. The returned function is called once with how it ended. */
  begin(hotkey: string): (end: 'reply' | 'failure' | 'neither') => void {
    const load = this.loads.get(hotkey) ?? { open: 0, limit: FIRST_LIMIT };
    this.loads.set(hotkey, load);
    load.open += 1;
    return (end) => {
      load.open -= 1;
      if (end === 'reply') load.limit = Math.min(MAX_LIMIT, load.limit + 1);
      if (end === 'failure') load.limit = Math.max(MIN_LIMIT, Math.floor(load.limit / 2));
      this.ended = undefined;
      this.wake();
    };
  }

  /** Questions that a miner has not answered yet. */
  open(hotkey: string): number {
    return this.loads.get(hotkey)?.open ?? 0;
  }

  /** Questions that a miner may have on top; 0 or less when it has enough. */
  room(hotkey: string): number {
    const { open, limit } = this.loads.get(hotkey) ?? { open: 0, limit: FIRST_LIMIT };
    return limit - open;
  }

  /** Resolves when the next question ends, of whichever miner. */
  nextEnd(): Promise<void> {
    this.ended ??= new Promise((resolve) => {
      this.wake = resolve;
    });
    return this.ended;
  }

  /** Forgets the miners that left and have nothing open. */
  keepOnly(hotkeys: ReadonlySet<string>): void {
    for (const [hotkey, { open }] of this.loads)
      if (open === 0 && !hotkeys.has(hotkey)) this.loads.delete(hotkey);
  }
}
