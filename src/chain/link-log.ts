import type { Clock } from '../runtime/clock.js';
import type { Logger } from '../runtime/logger.js';

/** An outage is told again after so long. */
const REPEAT_MS = 600_000;

export interface LinkLogOptions {
  readonly network: string;
  readonly endpoints: readonly string[];
  readonly clock: Clock;
  readonly log: Logger;
}

/** One line when no endpoint of the chain is reached, one when it is again; each try is a debug line. */
export class LinkLog {
  readonly #options: LinkLogOptions;
  /** Why each endpoint failed, since the last connection. */
  readonly #causes = new Map<string, string>();
  #toldAt: number | undefined;

  constructor(options: LinkLogOptions) {
    this.#options = options;
  }

  down(endpoint: string, cause: string): void {
    const { network, endpoints, clock, log } = this.#options;
    this.#causes.set(endpoint, cause);
    log.debug({ network, endpoint, cause }, 'an endpoint of the chain is not reached');
    if (this.#causes.size < endpoints.length) return;
    if (this.#toldAt !== undefined && clock.now() - this.#toldAt < REPEAT_MS) return;
    this.#toldAt = clock.now();
    const all = [...this.#causes].map(([address, why]) => `${address} (${why})`).join(', ');
    log.warn(
      { network },
      `no chain is reachable: ${all}; trying again, check the network and --subtensor.network`,
    );
  }

  up(endpoint: string, specVersion: number): void {
    const { network, log } = this.#options;
    const again = this.#toldAt === undefined ? '' : ' again';
    log.info({ network, endpoint, spec_version: specVersion }, `the chain is reached${again}`);
    this.#causes.clear();
    this.#toldAt = undefined;
  }
}
