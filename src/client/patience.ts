import { backoffMs, CONNECT_BACKOFF } from '../domain/backoff.js';
import { Refusal, type Reason } from '../domain/errors.js';
import { callRefusal } from '../rpc/clients/promise-call.js';
import type { Clock } from '../runtime/clock.js';
import { wait } from '../runtime/wait.js';

/** A server that never answered is probably not there. */
const FIRST_CONTACT_MS = 3_000;
/** One that did is waited for: it restarts, or the network is away. */
const LOST_CONTACT_MS = 60_000;

/** Only these are repeated without being asked to: the call may not have been done, or may be done again. */
const AGAIN: ReadonlySet<Reason> = new Set(['UNAVAILABLE', 'SERVER_DRAINING']);

export interface PatienceDeps {
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  /** Of all calls to one server. */
  readonly contact: { made: boolean };
}

/** How long one thing that the contract allows to repeat is tried again. */
export class Patience {
  readonly #deps: PatienceDeps;
  readonly #signal: AbortSignal;
  readonly #again: ReadonlySet<Reason>;
  /** Time of the first failure since something moved. */
  #since: number | undefined;
  #failures = 0;

  /** @param passing further reasons after which trying again is of use */
  constructor(deps: PatienceDeps, signal: AbortSignal, passing: readonly Reason[] = []) {
    this.#deps = deps;
    this.#signal = signal;
    this.#again = new Set([...AGAIN, ...passing]);
  }

  /** The server answered, which need not mean that anything moved. */
  answered(): void {
    this.#deps.contact.made = true;
  }

  /** Something moved: what fails from now on is a new failure. */
  renew(): void {
    this.answered();
    this.#since = undefined;
    this.#failures = 0;
  }

  /** Waits until the next try. @throws the error when there should be none, Refusal when the signal aborts */
  async afterFailure(error: unknown): Promise<void> {
    const { clock, random, contact } = this.#deps;
    if (!(error instanceof Refusal) || !this.#again.has(error.reason)) throw error;
    // grpc-js itself never says when to come again.
    if (error.retryAfterMs !== undefined) this.answered();
    this.#since ??= clock.now();
    this.#failures += 1;
    const delayMs = Math.max(backoffMs(CONNECT_BACKOFF, this.#failures, random()), error.retryAfterMs ?? 0);
    const limitMs = contact.made ? LOST_CONTACT_MS : FIRST_CONTACT_MS;
    if (clock.now() + delayMs - this.#since > limitMs) throw error;
    await wait(clock, delayMs, this.#signal);
    if (this.#signal.aborted) throw callRefusal(undefined, this.#signal);
  }

  /** Repeats an action until it succeeds. @throws Refusal the last one */
  async repeat<Result>(action: () => Promise<Result>): Promise<Result> {
    for (;;) {
      try {
        const result = await action();
        this.renew();
        return result;
      } catch (error) {
        await this.afterFailure(error);
      }
    }
  }
}
