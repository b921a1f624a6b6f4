import { Refusal } from '../domain/errors.js';
import { minersOf, type NetworkView } from '../domain/network-view.js';
import type { TaskKind } from '../domain/task.js';
import type { Clock } from '../runtime/clock.js';
import type { Logger } from '../runtime/logger.js';
import type { MinerAddress, MinerCapabilities, MinerClient } from './ports/miner-client.js';
import { RoundTrips } from './round-trips.js';
import { PROBE_INTERVAL_MS, PROBE_TIMEOUT_MS } from './settings.js';
import { timedSignal, wait } from './wait.js';

/** Miners asked at a time. */
const PARALLEL = 32;

/** A miner of the network and what it said when it was last asked. */
export interface ProbedMiner {
  readonly uid: number;
  readonly hotkey: string;
  /** TAO. */
  readonly stake: number;
  readonly address: MinerAddress;
  readonly state:
    | {
        readonly kind: 'reachable';
        readonly capabilities: MinerCapabilities;
        /** Round trip of the last probe. */
        readonly latencyMs: number;
        /** The least of late; absent when there were too few. */
        readonly roundTripMs?: number;
      }
    | { readonly kind: 'unreachable'; readonly cause: string };
}

export interface MinerProbeDeps {
  readonly client: MinerClient;
  readonly network: NetworkView;
  readonly clock: Clock;
  readonly log: Logger;
  /** Own hotkey; never asked. */
  readonly self: string;
  /** Called when miners come, go or can do something else. */
  readonly onChange: () => void;
}

/** Asks every miner in the background what it can do. */
export class MinerProbe {
  private known: readonly ProbedMiner[] = [];
  private readonly roundTrips = new RoundTrips();
  private running: Promise<void> | undefined;
  private readonly stopping = new AbortController();
  private loop: Promise<void> | undefined;

  constructor(private readonly deps: MinerProbeDeps) {}

  /** Resolves when every miner was asked once, a few seconds later at most. */
  async start(): Promise<void> {
    await this.refresh();
    this.loop ??= this.repeat();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.loop;
    await this.running;
  }

  miners(): readonly ProbedMiner[] {
    return this.known;
  }

  /** Asks every miner now; one round at a time, which all callers share. */
  refresh(): Promise<void> {
    this.running ??= this.round().finally(() => {
      this.running = undefined;
    });
    return this.running;
  }

  /** A miner could not be reached just now; it is asked again with the next round. */
  lost(hotkey: string, cause: string): void {
    this.publish(
      this.known.map((miner) =>
        miner.hotkey === hotkey ? { ...miner, state: { kind: 'unreachable', cause } } : miner,
      ),
    );
  }

  private async repeat(): Promise<void> {
    const { signal } = this.stopping;
    for (;;) {
      await wait(this.deps.clock, PROBE_INTERVAL_MS, signal);
      if (signal.aborted) return;
      await this.refresh();
    }
  }

  private async round(): Promise<void> {
    const { network, self } = this.deps;
    const reading = network.current();
    const neurons =
      reading === undefined ? [] : minersOf(reading.metagraph).filter(({ hotkey }) => hotkey !== self);
    this.roundTrips.keepOnly(new Set(neurons.map(({ hotkey }) => hotkey)));
    const found: ProbedMiner[] = [];
    for (let at = 0; at < neurons.length; at += PARALLEL) {
      const part = neurons.slice(at, at + PARALLEL);
      found.push(
        ...(await Promise.all(
          part.map(async ({ uid, hotkey, stake, axon }) => {
            const address = { hotkey, host: axon.ip, port: axon.port };
            return { uid, hotkey, stake, address, state: await this.ask(address) };
          }),
        )),
      );
    }
    if (!this.stopping.signal.aborted) this.publish(found);
  }

  private async ask(address: MinerAddress): Promise<ProbedMiner['state']> {
    const { client, clock } = this.deps;
    const start = clock.now();
    const timed = timedSignal(
      clock,
      PROBE_TIMEOUT_MS,
      this.stopping.signal,
      () => new Refusal('DEADLINE_EXCEEDED', `no answer within ${PROBE_TIMEOUT_MS / 1000} s`),
    );
    try {
      const capabilities = await client.capabilities(address, timed.signal);
      const latencyMs = clock.now() - start;
      this.roundTrips.add(address.hotkey, latencyMs);
      const roundTripMs = this.roundTrips.least(address.hotkey);
      return {
        kind: 'reachable',
        capabilities,
        latencyMs,
        ...(roundTripMs === undefined ? {} : { roundTripMs }),
      };
    } catch (error) {
      return { kind: 'unreachable', cause: error instanceof Error ? error.message : String(error) };
    } finally {
      timed.release();
    }
  }

  private publish(miners: readonly ProbedMiner[]): void {
    const before = new Map(this.known.map((miner) => [miner.hotkey, summary(miner)]));
    const changed = miners.filter((miner) => before.get(miner.hotkey) !== summary(miner));
    const same = changed.length === 0 && miners.length === this.known.length;
    this.known = miners;
    if (same) return;
    for (const { uid, address, state } of changed) {
      const fields = { miner_uid: uid, address: `${address.host}:${address.port}` };
      if (state.kind === 'reachable') this.deps.log.info(fields, 'miner is reachable');
      else this.deps.log.warn({ ...fields, cause: state.cause }, 'miner is not reachable');
    }
    this.deps.onChange();
  }
}

/** Whether a miner that was reached can do a kind of work in a language. */
export function canDo(
  { state }: ProbedMiner,
  work: { readonly kind: TaskKind; readonly language: string; readonly inputBytes: number },
): boolean {
  return (
    state.kind === 'reachable' &&
    work.inputBytes <= state.capabilities.maxInputBytes &&
    state.capabilities.capabilities.some(
      ({ kind, languages }) => kind === work.kind && languages.includes(work.language),
    )
  );
}

/** What a change of is worth telling: not latency, free slots or the cause. */
function summary({ address, state }: ProbedMiner): string {
  return JSON.stringify([
    address,
    state.kind,
    state.kind === 'reachable' ? [state.capabilities.capabilities, state.capabilities.missing] : [],
  ]);
}
