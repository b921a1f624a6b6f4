import { Refusal } from '../domain/errors.js';
import type { NetworkReading, NetworkView } from '../domain/network-view.js';
import type { Clock } from '../runtime/clock.js';
import type { Logger } from '../runtime/logger.js';
import { endpointsOf } from './endpoints.js';
import { ChainLink } from './link.js';
import { readSubnet, type SubnetReading } from './read-subnet.js';
import type { ChainSession, Head } from './session.js';
import { messageOf } from '../runtime/message-of.js';

/**
 * Blocks from one reading to the next: a minute. Axons and registrations may change in any block and stakes once a
 * tempo of over an hour, while a reading of 256 neurons is about 40 kB for the node to encode and us to decode.
 */
const REFRESH_BLOCKS = 5;

export interface ChainSubnetOptions {
  readonly netuid: number;
  /** `finney`, `test`, `local` or URLs; several with commas between. */
  readonly network: string;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly log: Logger;
}

/** A subnet of a chain. While the chain is away the last good reading stays, growing older. */
export class ChainSubnet implements NetworkView {
  readonly #options: ChainSubnetOptions;
  readonly #link: ChainLink;
  #good: { readonly reading: SubnetReading; readonly readAt: number } | undefined;
  #connected = false;
  #isReading = false;
  /** What was wrong with the last reading, as logged. */
  #problem: string | undefined;

  constructor(options: ChainSubnetOptions) {
    this.#options = options;
    this.#link = new ChainLink({
      ...options,
      endpoints: endpointsOf(options.network),
      onSession: (session) => session.watch((head) => void this.#follow(session, head)),
      onLost: () => {
        this.#connected = false;
      },
    });
  }

  /** Begins to connect and returns at once: the chain may be away for as long as it likes. */
  start(): void {
    this.#link.start();
  }

  stop(): Promise<void> {
    return this.#link.stop();
  }

  get netuid(): number {
    return this.#options.netuid;
  }

  get clock(): Clock {
    return this.#options.clock;
  }

  current(): NetworkReading | undefined {
    if (this.#good === undefined) return undefined;
    const { reading, readAt } = this.#good;
    return {
      metagraph: reading.metagraph,
      ageMs: Math.max(0, this.#options.clock.now() - readAt),
      connected: this.#connected,
    };
  }

  /** The open session. @throws Refusal UNAVAILABLE while there is none */
  session(): ChainSession {
    const { session } = this.#link;
    if (session !== undefined) return session;
    throw new Refusal('UNAVAILABLE', `no chain is reachable: ${this.#options.network}`);
  }

  /** Reads the subnet at a block. @returns undefined when it does not exist @throws Error */
  read(session: ChainSession, hash: string): Promise<SubnetReading | undefined> {
    return readSubnet(session.api, hash, this.#options);
  }

  async #follow(session: ChainSession, head: Head): Promise<void> {
    if (this.#isReading || !this.#isDue(head)) return;
    this.#isReading = true;
    try {
      const reading = await this.read(session, head.hash);
      if (session.isOver) return;
      if (reading === undefined) throw new Error(`it has no subnet ${this.#options.netuid}`);
      this.#good = { reading, readAt: this.#options.clock.now() };
      this.#connected = true;
      this.#problem = undefined;
    } catch (error) {
      if (!session.isOver) this.#failed(error);
    } finally {
      this.#isReading = false;
    }
  }

  /** At once after a failure or a new connection, and when the chain has gone back. */
  #isDue({ number }: Head): boolean {
    const last = this.#good?.reading.metagraph.block;
    return !this.#connected || last === undefined || number - last >= REFRESH_BLOCKS || number < last;
  }

  #failed(error: unknown): void {
    this.#connected = false;
    const problem = messageOf(error);
    if (problem === this.#problem) return;
    this.#problem = problem;
    const { network, netuid, log } = this.#options;
    log.warn(
      { network, netuid, err: error },
      `the subnet cannot be read on ${network}: ${problem}; trying again`,
    );
  }
}
