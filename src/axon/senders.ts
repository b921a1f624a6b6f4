import { randomUUID } from 'node:crypto';
import type { CallSigner } from '../auth/call-signature.js';
import type { Clock } from '../runtime/clock.js';
import { createNonces } from './nonces.js';
import type { Sender } from './outgoing.js';

/**
 * Lends a sender, which has a uuid of its own, to one request at a time. An axon takes the nonces of one uuid only as they
 * grow, and two requests on two connections may overtake each other: the one that is late would be refused as repeated.
 */
export class Senders {
  readonly #idle: Sender[] = [];

  constructor(
    private readonly signer: CallSigner,
    private readonly clock: Clock,
  ) {}

  /** Runs with a sender that no other request has. */
  async with<Result>(send: (sender: Sender) => Promise<Result>): Promise<Result> {
    const { signer, clock } = this;
    // The one that was last in use, so that axons, which may remember each for ever, see few.
    const sender = this.#idle.pop() ?? { signer, uuid: randomUUID(), nextNonce: createNonces(clock) };
    try {
      return await send(sender);
    } finally {
      this.#idle.push(sender);
    }
  }
}
