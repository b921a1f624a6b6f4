import { Refusal } from '../domain/errors.js';
import { minersOf, type NetworkView } from '../domain/network-view.js';
import type { Clock } from '../runtime/clock.js';
import type { Logger } from '../runtime/logger.js';
import type { InFlight } from './in-flight.js';
import type { MinerAddress, MinerClient } from './ports/miner-client.js';
import { summaryOf, type ProbedMiner } from './probed-miner.js';
import { RoundTrips } from './round-trips.js';
import { PROBE_INTERVAL_MS, PROBE_TIMEOUT_MS } from './settings.js';
import { timedSignal, wait } from '../runtime/wait.js';
import { messageOf } from '../runtime/message-of.js';

/** Miners asked at a time of those that answered last time, and of the others; the two do not wait for each other. */
const PARALLEL = { reachable: 32, others: 128 } as const;
/** Longest time for which a miner that does not answer is left alone. */
const MAX_BACKOFF_MS = 5 * 60_000;
/** Miners that are asked out of turn when a task finds none; those that failed the fewest times in a row. */
const MAX_OUT_OF_TURN = 32;
const UNASKED = 'it was not asked yet';

interface Entry {
  miner: ProbedMiner;
  /** Times in a row that it did not answer. */
  failures: number;
  /** When it is asked again while it is not reachable. */
  dueAt: number;
}

type Lane = keyof typeof PARALLEL;

export interface MinerProbeDeps {
  readonly client: MinerClient;
  readonly network: NetworkView;
  readonly inFlight: InFlight;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly log: Logger;
  /** Own hotkey; never asked. */
  readonly self: string;
  /** Called when miners come, go or can do something else. */
  readonly onChange: () => void;
}

/**
 * Asks every miner in the background what it can do. One that does not answer is asked again after 10 s, then after
 * twice the time, up to five minutes; many of them do not hold up the others.
 */
export class MinerProbe {
  /** In the order of the network. */
  private entries = new Map<string, Entry>();
  /** What was told of each miner, by hotkey. */
  private told = new Map<string, string>();
  private readonly roundTrips = new RoundTrips();
  private readonly running = new Map<Lane, Promise<void>>();
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
    await Promise.all(this.running.values());
  }

  miners(): readonly ProbedMiner[] {
    return [...this.entries.values()].map(({ miner }) => miner);
  }

  /** Asks now those that answered last time, those whose turn it is, and some others; callers share a round. */
  async refresh(): Promise<void> {
    await this.round(MAX_OUT_OF_TURN);
  }

  /** A miner could not be reached just now; it is asked again with the next round. */
  lost(hotkey: string, cause: string): void {
    const entry = this.entries.get(hotkey);
    if (entry === undefined) return;
    entry.miner = { ...entry.miner, state: { kind: 'unreachable', cause } };
    entry.failures = 1;
    entry.dueAt = this.deps.clock.now();
    this.tell();
  }

  /** Never waits for miners that do not answer: the next round of the others begins in time. */
  private async repeat(): Promise<void> {
    const { signal } = this.stopping;
    for (;;) {
      await wait(this.deps.clock, PROBE_INTERVAL_MS, signal);
      if (signal.aborted) return;
      void this.round(0);
    }
  }

  private async round(outOfTurn: number): Promise<void> {
    this.follow();
    const entries = [...this.entries.values()];
    const others = entries.filter(({ miner }) => miner.state.kind === 'unreachable');
    const now = this.deps.clock.now();
    const turn = new Set([
      ...others.filter(({ dueAt }) => dueAt <= now),
      ...others.toSorted((a, b) => a.failures - b.failures).slice(0, outOfTurn),
    ]);
    await Promise.all([
      this.lane(
        'reachable',
        entries.filter((entry) => !others.includes(entry)),
      ),
      this.lane('others', [...turn]),
    ]);
  }

  /** Takes over who is on the network, and where; a new address is asked at once. */
  private follow(): void {
    const { network, self, inFlight } = this.deps;
    const reading = network.current();
    const neurons =
      reading === undefined ? [] : minersOf(reading.metagraph).filter(({ hotkey }) => hotkey !== self);
    const hotkeys = new Set<string>(neurons.map(({ hotkey }) => hotkey));
    this.roundTrips.keepOnly(hotkeys);
    inFlight.keepOnly(hotkeys);
    const before = this.entries;
    this.entries = new Map(
      neurons.map(({ uid, hotkey, stake, axon: { ip: host, port } }) => {
        const old = before.get(hotkey);
        if (old !== undefined && old.miner.address.host === host && old.miner.address.port === port) {
          old.miner = { ...old.miner, uid, stake };
          return [hotkey, old];
        }
        const state = { kind: 'unreachable', cause: UNASKED } as const;
        const miner = { uid, hotkey, stake, address: { hotkey, host, port }, state };
        return [hotkey, { miner, failures: 0, dueAt: -Infinity }];
      }),
    );
  }

  /** One round of a lane at a time. */
  private lane(name: Lane, entries: readonly Entry[]): Promise<void> {
    const running = this.running.get(name);
    if (running !== undefined) return running;
    const queue = entries.values();
    const one = async (): Promise<void> => {
      for (const entry of queue) await this.visit(entry);
    };
    const count = Math.min(PARALLEL[name], entries.length);
    const round = Promise.all(Array.from({ length: count }, one)).then(() => {
      this.running.delete(name);
      if (!this.stopping.signal.aborted) this.tell();
    });
    this.running.set(name, round);
    return round;
  }

  private async visit(entry: Entry): Promise<void> {
    const { address } = entry.miner;
    const state = await this.ask(address);
    if (this.stopping.signal.aborted) return;
    const { clock, random } = this.deps;
    entry.miner = { ...entry.miner, state };
    entry.failures = state.kind === 'reachable' ? 0 : entry.failures + 1;
    // Half of it is left to chance, so that those that went together do not come back together.
    const backoffMs = Math.min(MAX_BACKOFF_MS, PROBE_INTERVAL_MS * 2 ** Math.max(0, entry.failures - 1));
    entry.dueAt = clock.now() + backoffMs * (1 - random() / 2);
  }

  private async ask(address: MinerAddress): Promise<ProbedMiner['state']> {
    const { client, clock, inFlight } = this.deps;
    const start = clock.now();
    const timed = timedSignal(
      clock,
      PROBE_TIMEOUT_MS,
      this.stopping.signal,
      () => new Refusal('DEADLINE_EXCEEDED', `no answer within ${PROBE_TIMEOUT_MS / 1000} s`),
    );
    try {
      const openQuestions = inFlight.open(address.hotkey);
      const capabilities = await client.capabilities(address, timed.signal);
      const latencyMs = clock.now() - start;
      this.roundTrips.add(address.hotkey, latencyMs);
      const roundTripMs = this.roundTrips.least(address.hotkey);
      return {
        kind: 'reachable',
        capabilities,
        openQuestions,
        latencyMs,
        ...(roundTripMs === undefined ? {} : { roundTripMs }),
      };
    } catch (error) {
      return { kind: 'unreachable', cause: messageOf(error) };
    } finally {
      timed.release();
    }
  }

  /** Logs what changed, and says so once. */
  private tell(): void {
    const before = this.told;
    const asked = [...this.entries].filter(([, { failures, miner }]) => failures > 0 || isReachable(miner));
    this.told = new Map(asked.map(([hotkey, { miner }]) => [hotkey, summaryOf(miner)]));
    const changed = asked.filter(([hotkey]) => before.get(hotkey) !== this.told.get(hotkey));
    if (changed.length === 0 && this.told.size === before.size) return;
    for (const [, { miner }] of changed) {
      const { uid, address, state } = miner;
      const fields = { miner_uid: uid, address: `${address.host}:${address.port}` };
      if (state.kind === 'reachable') this.deps.log.info(fields, 'miner is reachable');
      else this.deps.log.warn({ ...fields, cause: state.cause }, 'miner is not reachable');
    }
    this.deps.onChange();
  }
}

function isReachable({ state }: ProbedMiner): boolean {
  return state.kind === 'reachable';
}
