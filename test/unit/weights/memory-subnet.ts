import type { Hotkey } from '../../../src/domain/ids.js';
import type {
  WeightOutcome,
  WeightSetter,
  WeightTerms,
  WeightVector,
} from '../../../src/domain/weight-setter.js';

/** Terms of a usual subnet: the validator `v` on uid 0, miners `a`, `b` and `c`. */
export function terms(change: Partial<WeightTerms> = {}): WeightTerms {
  return {
    block: 10_000,
    tempo: 360,
    minAllowed: 1,
    maxShare: 1,
    versionKey: 0n,
    rateLimit: 100,
    commitReveal: false,
    self: { uid: 0, permit: true, lastUpdate: 0 },
    hotkeys: ['v', 'a', 'b', 'c'] as Hotkey[],
    ...change,
  };
}

/** A subnet in memory: takes vectors as a chain does, and refuses by what it was told. */
export class MemorySubnet implements WeightSetter {
  now: WeightTerms;
  /** What `set` answers next, in turn; taken when there is none. */
  readonly answers: (WeightOutcome | Error | 'hang' | 'taken, unheard')[] = [];
  /** What `terms` throws next. */
  failure: Error | undefined;
  readonly taken: WeightVector[] = [];
  sent = 0;
  reads = 0;

  constructor(change: Partial<WeightTerms> = {}) {
    this.now = terms(change);
  }

  pass(blocks: number): void {
    this.now = { ...this.now, block: this.now.block + blocks };
  }

  change(change: Partial<WeightTerms>): void {
    this.now = { ...this.now, ...change };
  }

  terms(): Promise<WeightTerms> {
    this.reads += 1;
    return this.failure === undefined ? Promise.resolve(this.now) : Promise.reject(this.failure);
  }

  set(vector: WeightVector): Promise<WeightOutcome> {
    this.sent += 1;
    const answer = this.answers.shift();
    if (answer === 'hang') return new Promise(() => undefined);
    if (answer instanceof Error) return Promise.reject(answer);
    if (answer !== undefined && answer !== 'taken, unheard') return Promise.resolve(answer);
    this.take(vector);
    if (answer === 'taken, unheard')
      return Promise.resolve({ kind: 'refused', reason: 'unreachable', message: 'the connection is gone' });
    const { block } = this.now;
    return Promise.resolve(
      this.now.commitReveal ? { kind: 'committed', block, revealRound: 77 } : { kind: 'set', block },
    );
  }

  take(vector: WeightVector): void {
    const { self, block } = this.now;
    if (self === undefined) throw new Error('the validator is not registered');
    this.taken.push(vector);
    this.now = { ...this.now, self: { ...self, lastUpdate: block } };
  }
}
