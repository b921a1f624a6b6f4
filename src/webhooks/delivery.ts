import { setMaxListeners } from 'node:events';
import type { ClaimedWebhook, TryOutcome, WebhookOutbox } from '../queue/webhook-outbox.js';
import type { Clock } from '../runtime/clock.js';
import { timedSignal, untilAborted } from '../runtime/wait.js';
import { letterOf, type Sign } from './message.js';
import type { Post } from './post.js';
import { verdictOn, verdictOnError } from './verdict.js';

/** A whole try: the name, the connection, the question and its answer. */
export const TRY_MS = 10_000;
/** Longer than a try, so that a claim never lapses under one. */
const CLAIM_MS = 6 * TRY_MS;
/** Tries under way at a time: to endpoints that work or are new, and to those whose last try failed. */
const MAX_TRIES = 128;
const MAX_FAILING_TRIES = 32;
/** How often the outbox is asked though it is not known that something is due: others may write to it. */
const POLL_MS = 5_000;

/** What happens to webhooks, for metrics. */
export interface WebhookObserver {
  tried(outcome: TryOutcome, durationMs: number): void;
}

export interface WebhookDeliveryOptions {
  readonly outbox: WebhookOutbox;
  readonly post: Post;
  readonly signer: () => Promise<Sign>;
  readonly agent: string;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly observer?: WebhookObserver;
  /** The outbox failed; it is asked again later. */
  readonly onError: (error: unknown) => void;
}

/** Delivers what the outbox holds, at least once each. */
export class WebhookDelivery {
  readonly #options: WebhookDeliveryOptions;
  readonly #cut = new AbortController();
  readonly #tries = new Map<Promise<void>, ClaimedWebhook>();
  #claiming: Promise<void> | undefined;
  #again = false;
  #stopped = false;
  #cancelTimer: () => void = () => undefined;

  constructor(options: WebhookDeliveryOptions) {
    this.#options = options;
    // Each try listens to it.
    setMaxListeners(MAX_TRIES + MAX_FAILING_TRIES, this.#cut.signal);
  }

  /** Something may be due: claims it. Called once to begin. */
  wake(): void {
    this.#again = true;
    if (this.#stopped || this.#claiming !== undefined) return;
    this.#cancelTimer();
    this.#claiming = this.#claimAll().finally(() => {
      this.#claiming = undefined;
    });
  }

  /**
   * Begins no more tries and lets those under way end until the signal aborts; then cuts them off. What is cut
   * off is tried again, by whoever opens the outbox next.
   */
  async stop(signal: AbortSignal): Promise<void> {
    this.#stopped = true;
    this.#cancelTimer();
    await this.#claiming;
    await untilAborted(Promise.all(this.#tries.keys()), signal);
    this.#cut.abort(new Error('shutting down'));
    await Promise.all(this.#tries.keys());
  }

  /** One claim at a time; what happens meanwhile makes another one follow. */
  async #claimAll(): Promise<void> {
    let nextMs: number | undefined;
    while (this.#again && !this.#stopped) {
      this.#again = false;
      try {
        nextMs = await this.#claim();
      } catch (error) {
        this.#options.onError(error);
        nextMs = undefined;
      }
    }
    if (this.#stopped) return;
    this.#cancelTimer = this.#options.clock.after(Math.min(nextMs ?? POLL_MS, POLL_MS), () => {
      this.wake();
    });
  }

  /** @returns after how long there may be more to claim; absent when that takes the end of a try, or nothing waits */
  async #claim(): Promise<number | undefined> {
    const failing = [...this.#tries.values()].filter(({ isFailing }) => isFailing).length;
    const { webhooks, nextMs } = await this.#options.outbox.claimWebhooks({
      limit: MAX_TRIES - (this.#tries.size - failing),
      failingLimit: MAX_FAILING_TRIES - failing,
      claimMs: CLAIM_MS,
    });
    if (this.#stopped) return undefined;
    for (const webhook of webhooks) this.#begin(webhook);
    if (nextMs === 0) this.#again = true;
    return nextMs;
  }

  #begin(webhook: ClaimedWebhook): void {
    const under = this.#try(webhook)
      .catch((error: unknown) => {
        this.#options.onError(error);
      })
      .finally(() => {
        this.#tries.delete(under);
        this.wake();
      });
    this.#tries.set(under, webhook);
  }

  async #try(webhook: ClaimedWebhook): Promise<void> {
    const { clock, outbox, observer } = this.#options;
    const began = clock.now();
    const { httpStatus, outcome } = await this.#outcomeOf(webhook);
    // Nothing is known of what was cut off: it is as if it had not been tried.
    if (this.#cut.signal.aborted && outcome.kind !== 'delivered') return;
    const durationMs = clock.now() - began;
    observer?.tried(outcome, durationMs);
    await outbox.recordTry({
      id: webhook.id,
      claim: webhook.claim,
      durationMs,
      outcome,
      ...(httpStatus !== undefined && { httpStatus }),
    });
  }

  async #outcomeOf(
    webhook: ClaimedWebhook,
  ): Promise<{ readonly httpStatus?: number; readonly outcome: TryOutcome }> {
    const { clock, post, signer, agent, random } = this.#options;
    const { failures } = webhook;
    const moment = () => ({ failures, random: random(), wallMs: clock.wall() });
    const timed = timedSignal(clock, TRY_MS, this.#cut.signal, timedOut);
    try {
      const letter = letterOf(webhook, { sign: await signer(), agent, time: new Date(clock.wall()) });
      const answer = await post(letter, timed.signal);
      return { httpStatus: answer.status, outcome: verdictOn(answer, moment()) };
    } catch (error) {
      return { outcome: verdictOnError(error, moment()) };
    } finally {
      timed.release();
    }
  }
}

function timedOut(): Error {
  return new DOMException('no answer in time', 'TimeoutError');
}
