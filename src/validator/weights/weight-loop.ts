import { Refusal } from '../../domain/errors.js';
import { minersOf, type NetworkView } from '../../domain/network-view.js';
import type { Policy } from '../../domain/score/policy.js';
import type { WeightOutcome, WeightSetter, WeightTerms, WeightVector } from '../../domain/weight-setter.js';
import { timingOf, type Timing } from '../../domain/weights/timing.js';
import { versionKeyOf } from '../../domain/weights/version-key.js';
import type { Clock } from '../../runtime/clock.js';
import type { Logger } from '../../runtime/logger.js';
import type { Reputation } from '../reputation.js';
import { wait } from '../../runtime/wait.js';
import { propose, valuesByHotkey, vectorRecord, weightedMiners, type Proposal } from './proposal.js';
import { BLOCK_MS, delayAfter, hindranceOf, REACTIONS, type Hindrance } from './refusals.js';
import type { WeightAccount } from './weight-account.js';
import { weightTable } from './weight-table.js';
import { within } from './within.js';
import { messageOf } from '../../runtime/message-of.js';

/** How long the subnet may take to tell its terms, and to take weights, which needs a few blocks. */
const TERMS_LIMIT_MS = 30_000;
const SET_LIMIT_MS = 180_000;
/** Longest time between two looks at the subnet. */
const MAX_LOOK_MS = 5 * 60_000;
/** Until the next look while nobody has a score. */
const SCORES_LOOK_MS = 60_000;

export interface WeightLoopDeps {
  readonly setter: WeightSetter;
  readonly account: WeightAccount;
  readonly reputation: Pick<Reputation, 'scores' | 'all'>;
  readonly network: NetworkView;
  readonly policy: Policy;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly log: Logger;
  /** Without waiting for enough scored tasks and a first tempo. */
  readonly now: boolean;
  /** Where vectors go in place of the subnet; absent outside a dry run. */
  readonly print?: (text: string) => void;
}

/** What a dry run has shown in place of setting it. */
interface Shown {
  readonly block: number;
  readonly averages: ReadonlyMap<string, number>;
  readonly values: ReadonlyMap<string, number>;
}

/** Sets weights once a tempo, by what the miners have earned; says what keeps it from that once, not at each look. */
export class WeightLoop {
  private readonly stopping = new AbortController();
  private readonly versionKey: bigint;
  private running: Promise<void> | undefined;
  private told = '';
  /** Refusals in a row for one reason. */
  private failures = { reason: '', count: 0 };
  private shown: Shown | undefined;
  private vectorCount = 0;

  constructor(private readonly deps: WeightLoopDeps) {
    this.versionKey = versionKeyOf(deps.policy.version);
  }

  /** @throws Error of the system when what was kept cannot be read */
  async start(): Promise<void> {
    await this.deps.account.load();
    this.running ??= this.run();
  }

  /** One more task has scores. */
  scored(): void {
    this.deps.account.scored();
  }

  /** Does not wait for the subnet: what was sent is found again at the next start. Idempotent. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
    await this.deps.account.save();
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) await wait(this.deps.clock, await this.look(), signal);
  }

  /** @returns milliseconds until the next look */
  private async look(): Promise<number> {
    const { setter, account, now, print } = this.deps;
    try {
      const terms = await this.within(TERMS_LIMIT_MS, (signal) => setter.terms(signal));
      await account.seen(terms);
      const hindrance = hindranceOf(terms, this.versionKey);
      if (hindrance !== undefined && print === undefined) return this.hindered(hindrance, terms);
      const timing = timingOf({
        ...account.current,
        firstBlock: account.current.firstBlock,
        terms: this.clocked(terms),
        now,
      });
      if (timing.kind === 'wait') return this.early(timing, terms);
      return await this.weigh(terms, hindrance);
    } catch (error) {
      return this.stopping.signal.aborted ? 0 : this.broken(error);
    }
  }

  /** A dry run counts from what it has shown, not from what was set. */
  private clocked(terms: WeightTerms): WeightTerms {
    if (this.deps.print === undefined) return terms;
    const { uid, permit } = terms.self ?? { uid: -1, permit: false };
    return { ...terms, self: { uid, permit, lastUpdate: this.shown?.block ?? 0 } };
  }

  private async weigh(terms: WeightTerms, hindrance: Hindrance | undefined): Promise<number> {
    const { reputation, account, network, print } = this.deps;
    const metagraph = network.current()?.metagraph;
    const serving = new Set<string>(metagraph && minersOf(metagraph).map(({ hotkey }) => hotkey));
    const base = { terms, reputation, serving, averages: (this.shown ?? account.current).averages };
    const proposal = propose(base);
    switch (proposal.weighing.kind) {
      case 'nothing':
        this.say(
          'nothing',
          'info',
          terms,
          'no weights to set: no miner on the subnet has earned anything yet',
        );
        return SCORES_LOOK_MS;
      case 'unfit':
        this.say('unfit', 'warn', terms, `weights are not set: ${proposal.weighing.message}; looking again`);
        return MAX_LOOK_MS;
      case 'vector': {
        const { uids, values } = proposal.weighing;
        const byHotkey = valuesByHotkey(proposal.weighing, terms);
        const miners = weightedMiners(base, proposal, byHotkey);
        if (print !== undefined) {
          const last = (this.shown ?? account.current.last)?.values ?? new Map<string, number>();
          print(`${dryRunLine(terms, this.versionKey, hindrance)}\n${weightTable(miners, last)}\n`);
          this.shown = { block: terms.block, averages: proposal.averages, values: byHotkey };
          return MAX_LOOK_MS;
        }
        const vector = { uids, values, versionKey: this.versionKey };
        return await this.send({ terms, vector, proposal, byHotkey, miners });
      }
    }
  }

  private async send(setting: Setting): Promise<number> {
    const { account, setter } = this.deps;
    if (!(await this.prepared(setting))) return delayAfter('other', 1, this.deps.random());
    let outcome: WeightOutcome;
    try {
      outcome = await this.within(SET_LIMIT_MS, (signal) => setter.set(setting.vector, signal));
    } catch (error) {
      // Whatever was sent may still be taken.
      const message = messageOf(error);
      outcome = { kind: 'refused', reason: 'unreachable', message };
    }
    await account.settle(outcome);
    if (this.stopping.signal.aborted) return 0;
    if (outcome.kind === 'refused') return this.hindered(outcome, setting.terms);
    this.done(outcome, setting);
    return MAX_LOOK_MS;
  }

  /** Writes down what is to be sent. Nothing is sent of which nobody could say later why. */
  private async prepared({ terms, proposal, byHotkey, miners }: Setting): Promise<boolean> {
    const { account, policy, clock } = this.deps;
    const { block } = terms;
    this.vectorCount += 1;
    const wallMs = clock.wall();
    const id = `${block}-${wallMs}-${this.vectorCount}`;
    const time = new Date(wallMs).toISOString();
    try {
      await account.prepare(vectorRecord({ id, time, terms, policy, versionKey: this.versionKey, miners }), {
        id,
        block,
        lastUpdate: terms.self?.lastUpdate ?? 0,
        averages: proposal.averages,
        values: byHotkey,
      });
      return true;
    } catch (error) {
      this.say('disk', 'error', terms, 'weights are not set: what they rest on cannot be written', {
        err: error,
      });
      return false;
    }
  }

  private done(outcome: Exclude<WeightOutcome, { kind: 'refused' }>, { terms, vector }: Setting): void {
    const { log, policy } = this.deps;
    this.told = '';
    this.failures = { reason: '', count: 0 };
    const { block } = outcome;
    const lastUpdate = terms.self?.lastUpdate ?? 0;
    const fields = {
      block,
      weights: vector.uids.length,
      ...(lastUpdate > 0 && { blocks_since_last: block - lastUpdate }),
      version_key: String(vector.versionKey),
      policy_version: policy.version,
    };
    if (outcome.kind === 'set') log.info(fields, 'weights are set');
    else
      log.info(
        { ...fields, reveal_round: outcome.revealRound },
        'weights are committed, the chain reveals them',
      );
  }

  private early(timing: Extract<Timing, { kind: 'wait' }>, terms: WeightTerms): number {
    const { why, blocks } = timing;
    const text = {
      too_few_tasks: 'weights wait for more scored tasks',
      first_tempo: 'weights wait for a first tempo of scores',
      interval: 'weights wait for the next tempo',
    };
    const { scoredTasks } = this.deps.account.current;
    // The end of what kept it is told too.
    const recovered = this.failures.count > 0;
    this.failures = { reason: '', count: 0 };
    this.say(why, why === 'interval' && !recovered ? 'debug' : 'info', terms, text[why], {
      blocks,
      scored_tasks: scoredTasks,
    });
    return Math.min(blocks * BLOCK_MS, MAX_LOOK_MS);
  }

  private hindered({ reason, message }: Hindrance, terms?: WeightTerms): number {
    const { advice, level } = REACTIONS[reason];
    this.say(reason, level, terms, `weights are not set: ${message}; ${advice}`, { reason });
    this.failures = {
      reason,
      count: this.failures.reason === reason ? this.failures.count + 1 : 1,
    };
    return delayAfter(reason, this.failures.count, this.deps.random());
  }

  private broken(error: unknown): number {
    const message = messageOf(error);
    if (error instanceof Refusal) return this.hindered({ reason: 'unreachable', message });
    this.say('broken', 'error', undefined, 'weights are not set: something broke; trying again', {
      err: error,
    });
    return delayAfter('other', 1, this.deps.random());
  }

  /** One line whenever `key` changes. */
  private say(
    key: string,
    level: 'debug' | 'info' | 'warn' | 'error',
    terms: WeightTerms | undefined,
    text: string,
    fields: object = {},
  ): void {
    if (key === this.told) return;
    this.told = key;
    const lastUpdate = terms?.self?.lastUpdate ?? 0;
    const age =
      terms === undefined || lastUpdate === 0
        ? {}
        : { last_set_block: lastUpdate, blocks_since: terms.block - lastUpdate };
    this.deps.log[level]({ ...fields, ...age }, text);
  }

  private within<Result>(limitMs: number, action: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    return within({ clock: this.deps.clock, limitMs, signal: this.stopping.signal }, action);
  }
}

/** A vector that is to be sent, and what it rests on. */
interface Setting {
  readonly terms: WeightTerms;
  readonly vector: WeightVector;
  readonly proposal: Proposal;
  readonly byHotkey: ReadonlyMap<string, number>;
  readonly miners: ReturnType<typeof weightedMiners>;
}

function dryRunLine({ block }: WeightTerms, versionKey: bigint, hindrance: Hindrance | undefined): string {
  const would = hindrance === undefined ? '' : `; it would not be: ${hindrance.message}`;
  return `dry run: weights at block ${block}, version key ${versionKey}, not sent${would}`;
}
