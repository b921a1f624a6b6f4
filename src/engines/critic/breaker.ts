import type { Clock } from '../../runtime/clock.js';

/** Failures one after the other from which on nobody is let in. */
const MAX_FAILURES = 5;
/** For so long; then one tries whether it works again. */
const PAUSE_MS = 30_000;

/**
 * Keeps callers from waiting for a server that is down.
 *
 * closed: all enter; MAX_FAILURES failures in a row open it.
 * open: nobody enters for PAUSE_MS after the last failure.
 * half open: one enters; its success closes, its failure opens again, its leaving lets another one try.
 */
export class Breaker {
  private failures = 0;
  private closedUntil = 0;
  private isTrying = false;

  constructor(private readonly clock: Clock) {}

  /** Whether the caller may go on; it must then say how it went: `worked`, `failed` or `left`. */
  tryEnter(): boolean {
    if (this.failures < MAX_FAILURES) return true;
    if (this.isTrying || this.clock.now() < this.closedUntil) return false;
    this.isTrying = true;
    return true;
  }

  worked(): void {
    this.failures = 0;
    this.isTrying = false;
  }

  failed(): void {
    this.failures += 1;
    this.closedUntil = this.clock.now() + PAUSE_MS;
    this.isTrying = false;
  }

  /** The caller gave up; nothing is known. */
  left(): void {
    this.isTrying = false;
  }
}
