/** Pings kept of a miner: those of five minutes. */
const KEPT = 30;
/** The first ping connects as well, and one may fall together with other work: fewer than these say nothing. */
const NEEDED = 3;

/** The round trips to miners, by hotkey. */
export class RoundTrips {
  private readonly pings = new Map<string, readonly number[]>();

  add(hotkey: string, ms: number): void {
    this.pings.set(hotkey, [...(this.pings.get(hotkey) ?? []), ms].slice(-KEPT));
  }

  /** The least of late, the one that holds least besides the network; absent while there are too few. */
  least(hotkey: string): number | undefined {
    const pings = this.pings.get(hotkey) ?? [];
    return pings.length < NEEDED ? undefined : Math.min(...pings);
  }

  keepOnly(hotkeys: ReadonlySet<string>): void {
    for (const hotkey of this.pings.keys()) if (!hotkeys.has(hotkey)) this.pings.delete(hotkey);
  }
}
