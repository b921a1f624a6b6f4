import type { AxonConfig } from '../config/sections.js';
import { backoffMs, RETRY_BACKOFF } from '../domain/backoff.js';
import type { AnnounceOutcome, AxonAnnouncer } from '../domain/weight-setter.js';
import type { Logger } from '../runtime/logger.js';
import { wait } from '../runtime/wait.js';
import type { Environment } from './environment.js';
import type { Subnet } from './subnet.js';

export interface Announcement {
  readonly subnet: Pick<Subnet, 'isChain'>;
  readonly announcer: AxonAnnouncer;
  readonly axon: AxonConfig;
  /** Where the axon listens now. */
  readonly port: number;
  readonly log: Logger;
}

/** Tells the subnet in the background where a neuron serves; tries again for as long as that may help. */
export function announceAxon(announcement: Announcement, env: Environment): void {
  const { subnet, axon, port, log } = announcement;
  const { ip } = axon.external;
  if (subnet.isChain && ip === undefined) {
    log.warn('the axon is not announced: name the address that others reach it at with --axon.external_ip');
    return;
  }
  const place = { ip: ip ?? axon.host, port: axon.external.port ?? port };
  const stopping = new AbortController();
  const running = keepAnnouncing(announcement, place, { ...env, signal: stopping.signal }).catch(
    (error: unknown) => {
      if (!stopping.signal.aborted) log.error({ err: error }, 'the axon could not be announced');
    },
  );
  env.lifecycle.onStop('announcement', async () => {
    stopping.abort(new Error('the program stops'));
    await running;
  });
}

async function keepAnnouncing(
  { announcer, log }: Announcement,
  place: { readonly ip: string; readonly port: number },
  { clock, signal }: Environment & { readonly signal: AbortSignal },
): Promise<void> {
  let told: string | undefined;
  for (let failures = 1; ; failures += 1) {
    const outcome = await announcer.announce(place, signal);
    const again =
      outcome.kind === 'refused' && (outcome.reason === 'too_fast' || outcome.reason === 'unreachable');
    // One line a cause, not one a try.
    if (outcome.kind !== 'refused' || outcome.message !== told) say(outcome, place, again, log);
    if (!again) return;
    told = outcome.message;
    await wait(clock, backoffMs(RETRY_BACKOFF, failures, Math.random()), signal);
    signal.throwIfAborted();
  }
}

function say(
  outcome: AnnounceOutcome,
  place: { ip: string; port: number },
  again: boolean,
  log: Logger,
): void {
  switch (outcome.kind) {
    case 'announced':
      log.info({ ...place, block: outcome.block }, 'the axon is announced');
      return;
    case 'unchanged':
      log.info(place, 'the axon is announced already');
      return;
    case 'refused':
      log.warn(
        { ...place, reason: outcome.reason },
        `the axon is not announced: ${outcome.message}${again ? '; trying again' : ''}`,
      );
  }
}
