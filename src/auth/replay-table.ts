/** What names one call of a caller, once its signature was verified. */
export interface CallMark {
  readonly hotkey: string;
  /** Chosen by the caller, for one call or for all of its process. */
  readonly uuid: string;
  /** Unix nanoseconds; must grow from call to call of one uuid. */
  readonly nonceNs: bigint;
}

export interface ReplayLimits {
  /** How long a call is remembered: at least as long as its nonce would be taken. */
  readonly retentionMs: number;
  readonly maxPerHotkey: number;
  readonly maxMarks: number;
}

interface Entry {
  readonly hotkey: string;
  readonly nonceNs: bigint;
  readonly expiresAtMs: number;
}

/**
 * Remembers the last nonce of each caller for as long as it could be repeated. When it is full it takes no more callers:
 * forgetting one early would let its calls be repeated.
 */
export class ReplayTable {
  /** By hotkey and uuid; the one that expires next comes first. */
  readonly #entries = new Map<string, Entry>();
  readonly #counts = new Map<string, number>();

  constructor(private readonly limits: ReplayLimits) {}

  get size(): number {
    return this.#entries.size;
  }

  /** @param nowMs monotonic */
  take({ hotkey, uuid, nonceNs }: CallMark, nowMs: number): 'fresh' | 'repeated' | 'full' {
    this.#expire(nowMs);
    const key = `${hotkey} ${uuid}`;
    const known = this.#entries.get(key);
    if (known !== undefined && nonceNs <= known.nonceNs) return 'repeated';
    if (known === undefined && !this.#hasRoom(hotkey)) return 'full';
    if (known === undefined) this.#count(hotkey, 1);
    this.#entries.delete(key);
    this.#entries.set(key, { hotkey, nonceNs, expiresAtMs: nowMs + this.limits.retentionMs });
    return 'fresh';
  }

  #hasRoom(hotkey: string): boolean {
    const { maxMarks, maxPerHotkey } = this.limits;
    return this.#entries.size < maxMarks && (this.#counts.get(hotkey) ?? 0) < maxPerHotkey;
  }

  #expire(nowMs: number): void {
    for (const [key, { hotkey, expiresAtMs }] of this.#entries) {
      if (expiresAtMs > nowMs) return;
      this.#entries.delete(key);
      this.#count(hotkey, -1);
    }
  }

  #count(hotkey: string, change: 1 | -1): void {
    const count = (this.#counts.get(hotkey) ?? 0) + change;
    if (count === 0) this.#counts.delete(hotkey);
    else this.#counts.set(hotkey, count);
  }
}
