import { backoffMs, type Backoff } from '../domain/backoff.js';
import type { Clock } from '../runtime/clock.js';
import type { Logger } from '../runtime/logger.js';
import { messageOf } from '../runtime/message-of.js';
import { wait } from '../runtime/wait.js';
import { LinkLog } from './link-log.js';
import { loadPolkadot } from './polkadot.js';
import { openSession, type ChainSession } from './session.js';

/** Public endpoints refuse those who come back too often. */
const RECONNECT: Backoff = { baseMs: 500, capMs: 60_000 };
/** A session that lived so long shows that its endpoint works: the next wait is a short one again. */
const SETTLED_MS = 30_000;

export interface LinkOptions {
  /** As the operator named it. */
  readonly network: string;
  /** Tried in turn; at least one. */
  readonly endpoints: readonly string[];
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly log: Logger;
  /** Whoever uses the sessions; a session that is not taken is closed and another tried. */
  readonly onSession: (session: ChainSession) => Promise<void>;
  /** The connection is gone, and it is no planned change of sessions. */
  readonly onLost: () => void;
}

/** Keeps one session open: over losses, over endpoints that are away, over new runtimes. */
export class ChainLink {
  readonly #options: LinkOptions;
  readonly #log: LinkLog;
  readonly #stopping = new AbortController();
  #session: ChainSession | undefined;
  #place = 0;
  #failures = 0;
  #running: Promise<void> | undefined;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#log = new LinkLog(options);
  }

  /** The open session; absent while there is none. */
  get session(): ChainSession | undefined {
    return this.#session?.isOver === false ? this.#session : undefined;
  }

  /** Begins to connect and returns at once. */
  start(): void {
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error('the chain client stops'));
    this.#session?.close();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#isStopping()) {
      const next = await this.#live();
      if (this.#isStopping() || next === 'at once') continue;
      this.#failures += 1;
      this.#place += 1;
      // The wait grows when all endpoints have failed, not with each of them.
      const rounds = Math.ceil(this.#failures / this.#options.endpoints.length);
      const { clock, random } = this.#options;
      await wait(clock, backoffMs(RECONNECT, rounds, random()), this.#stopping.signal);
    }
  }

  #isStopping(): boolean {
    return this.#stopping.signal.aborted;
  }

  /** One session from opening to end. */
  async #live(): Promise<'at once' | 'after a wait'> {
    const { endpoints, clock, log, onSession, onLost } = this.#options;
    const { signal } = this.#stopping;
    const endpoint = endpoints[this.#place % endpoints.length] ?? '';
    try {
      const polkadot = await loadPolkadot(log);
      const session = await openSession({ polkadot, endpoint, clock, signal });
      this.#session = session;
      const openedAt = clock.now();
      await onSession(session).catch((error: unknown) => {
        session.close();
        throw error;
      });
      this.#log.up(endpoint, session.specVersion);
      const end = await session.ended;
      if (clock.now() - openedAt >= SETTLED_MS) this.#failures = 0;
      if (end.kind === 'new_runtime') {
        log.info(
          { network: this.#options.network, spec_version: end.specVersion },
          'the chain runs a new runtime',
        );
        return 'at once';
      }
      if (end.kind === 'lost') throw new Error(end.cause);
      return 'after a wait';
    } catch (error) {
      if (signal.aborted) return 'at once';
      onLost();
      this.#log.down(endpoint, messageOf(error));
      return 'after a wait';
    } finally {
      this.#session?.close();
      this.#session = undefined;
    }
  }
}
