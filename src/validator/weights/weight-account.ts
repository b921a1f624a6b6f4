import type { Policy } from '../../domain/score/policy.js';
import type { WeightOutcome, WeightTerms } from '../../domain/weight-setter.js';
import type { Clock } from '../../runtime/clock.js';
import type { Logger } from '../../runtime/logger.js';
import type {
  OutcomeRecord,
  PendingVector,
  VectorRecord,
  WeightLedger,
  WeightState,
} from '../ports/weight-ledger.js';

/** A transaction that no block took for so long is void: the era that it is signed for. */
const ERA_BLOCKS = 128;

export interface WeightAccountDeps {
  readonly ledger: WeightLedger;
  readonly policy: Policy;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * What a validator's weights rest on, and what became of them. A vector is pending from before it is sent until the
 * subnet has answered; one whose answer was never heard, because of a crash or the network, is taken as set when the
 * validator's last update moves, and as lost when its time is over. Averages move only with vectors that were set.
 */
export class WeightAccount {
  private state: WeightState;
  /** A vector of unknown fate that a newer one was sent after. */
  private earlier: PendingVector | undefined;
  private unsaved = false;

  constructor(private readonly deps: WeightAccountDeps) {
    this.state = { policyHash: deps.policy.hash, averages: new Map(), scoredTasks: 0 };
  }

  /** @throws Error of the system */
  async load(): Promise<void> {
    const { ledger, policy, log } = this.deps;
    const kept = await ledger.load();
    if (kept === undefined) return;
    this.state = kept;
    if (kept.policyHash === policy.hash) return;
    // Scores of two policies cannot be averaged: who came under the more generous one would stay ahead.
    const { pending: _, ...rest } = kept;
    this.change({ ...rest, policyHash: policy.hash, averages: new Map() });
    const { version: policy_version, hash: policy_hash } = policy;
    log.info(
      { policy_version, policy_hash },
      'the scoring policy is another one: averages of scores begin anew',
    );
  }

  get current(): WeightState {
    return this.state;
  }

  /** One more task has scores. */
  scored(): void {
    this.change({ ...this.state, scoredTasks: this.state.scoredTasks + 1 });
  }

  /** Takes from fresh terms what they tell of earlier vectors, and when scores were first seen. */
  async seen(terms: WeightTerms): Promise<void> {
    const { scoredTasks, firstBlock } = this.state;
    // A chain that began anew is below the block that was noted.
    if (scoredTasks > 0 && (firstBlock === undefined || firstBlock > terms.block))
      this.change({ ...this.state, firstBlock: terms.block });
    await this.resolve(terms);
    await this.save();
  }

  /** The vector may be sent when it resolves: what it rests on is on the disk. @throws Error of the system */
  async prepare(record: VectorRecord, pending: PendingVector): Promise<void> {
    await this.deps.ledger.append(record);
    const next = { ...this.state, pending };
    await this.deps.ledger.save(next);
    this.earlier = this.state.pending;
    this.state = next;
    this.unsaved = false;
  }

  /** What the subnet said of the pending vector. */
  async settle(outcome: WeightOutcome): Promise<void> {
    const { pending } = this.state;
    if (pending === undefined) return;
    if (outcome.kind !== 'refused') this.take(pending, outcome.block);
    else if (outcome.reason !== 'unreachable') this.drop();
    await this.note(pending.id, outcome);
    await this.save();
  }

  /** Saves what was not saved. Never rejects: the next save has all of it. */
  async save(): Promise<void> {
    if (!this.unsaved) return;
    this.unsaved = false;
    try {
      await this.deps.ledger.save(this.state);
    } catch (error) {
      this.unsaved = true;
      this.deps.log.warn({ err: error }, 'what is known of the weights could not be saved');
    }
  }

  private async resolve({ block, self }: WeightTerms): Promise<void> {
    const { pending } = this.state;
    if (pending === undefined) return;
    if (self !== undefined && self.lastUpdate > pending.lastUpdate && self.lastUpdate <= block) {
      this.take(pending, self.lastUpdate);
      await this.note(pending.id, { kind: 'found', block: self.lastUpdate });
    } else if (block < pending.block || block > pending.block + ERA_BLOCKS) {
      this.drop();
      await this.note(pending.id, { kind: 'lost' });
    }
  }

  private take({ averages, values }: PendingVector, block: number): void {
    const { pending: _, ...rest } = this.state;
    this.earlier = undefined;
    this.change({ ...rest, averages, last: { block, values } });
  }

  /** The pending vector was not set; one before it still may have been. */
  private drop(): void {
    const { pending: _, ...rest } = this.state;
    const { earlier } = this;
    this.earlier = undefined;
    this.change({ ...rest, ...(earlier && { pending: earlier }) });
  }

  private change(state: WeightState): void {
    this.state = state;
    this.unsaved = true;
  }

  private async note(id: string, outcome: OutcomeRecord['outcome']): Promise<void> {
    const { ledger, clock, log } = this.deps;
    try {
      await ledger.append({ kind: 'outcome', id, time: new Date(clock.wall()).toISOString(), outcome });
    } catch (error) {
      log.warn({ err: error, id }, 'what became of the weights could not be written down');
    }
  }
}
