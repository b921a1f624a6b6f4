import { expect } from 'chai';
import { Refusal } from '../../../src/domain/errors.js';
import type { SessionId } from '../../../src/domain/ids.js';
import type { TaskKind } from '../../../src/domain/task.js';
import { Matcher, type Demand } from '../../../src/queue/matcher.js';
import type { Standing } from '../../../src/queue/session.js';
import type { ClaimRequest, LeasedTask } from '../../../src/queue/task-store.js';
import { newTask, newToken } from '../../support/new-task.js';

/** Pending tasks in memory, and what was claimed of them. */
class Backlog {
  readonly pending: TaskKind[] = [];
  /** Pending, but not to be handed out yet. */
  waiting = 0;
  readonly claims: [string, number][] = [];
  failure: Error | undefined;

  add(count: number, kind: TaskKind = 'tts'): void {
    this.pending.push(...Array<TaskKind>(count).fill(kind));
  }

  claim({ session, limit, kinds }: ClaimRequest): Promise<readonly LeasedTask[]> {
    this.claims.push([session, limit]);
    if (this.failure !== undefined) return Promise.reject(this.failure);
    const tasks: LeasedTask[] = [];
    while (tasks.length < limit) {
      const place = this.pending.findIndex((kind) => kinds.length === 0 || kinds.includes(kind));
      if (place < 0) break;
      const [kind = 'tts'] = this.pending.splice(place, 1);
      const { maxAttempts, ...task } = newTask({ kind });
      tasks.push({
        ...task,
        token: newToken(),
        attempt: maxAttempts,
        createUs: 0,
        grantUs: 0,
        leaseMs: 20_000,
      });
    }
    return Promise.resolve(tasks);
  }
}

/** A stream that takes tasks until its credit is used up. */
class Taker implements Demand {
  readonly handOut = false;
  readonly taken: LeasedTask[] = [];
  /** Tasks that it got with each answer, also none. */
  readonly answers: number[] = [];
  readonly failures: unknown[] = [];
  stands: Standing = 'prompt';

  constructor(
    readonly holder: string,
    readonly credit: number,
    readonly kinds: readonly TaskKind[] = [],
  ) {}

  get session(): SessionId {
    return this.holder as SessionId;
  }

  wanted(): number {
    return this.credit - this.taken.length;
  }

  load(): number {
    return this.taken.length / this.credit;
  }

  standing(): Standing {
    return this.stands;
  }

  take(tasks: readonly LeasedTask[]): void {
    this.taken.push(...tasks);
    this.answers.push(tasks.length);
  }

  fail(error: unknown): void {
    this.failures.push(error);
  }
}

describe('Matcher', () => {
  let backlog: Backlog;
  let errors: unknown[];
  let random: number;
  let matcher: Matcher;

  beforeEach(() => {
    backlog = new Backlog();
    errors = [];
    random = 0;
    matcher = new Matcher({
      store: backlog,
      pending: () => backlog.pending.length + backlog.waiting,
      random: () => random,
      onError: (error) => errors.push(error),
    });
  });

  /** Adds them all before the first claim. */
  async function served(...takers: Taker[]): Promise<void> {
    for (const taker of takers) matcher.add(taker);
    do await new Promise((resolve) => setImmediate(resolve));
    while (matcher.isBusy);
  }

  it('claims up to 256 at a time for one stream with a backlog', async () => {
    backlog.add(900);
    const taker = new Taker('a', 600);
    await served(taker);
    expect(backlog.claims).to.deep.equal([
      ['a', 256],
      ['a', 256],
      ['a', 88],
    ]);
  });

  it('shares a small backlog evenly among the hungry streams', async () => {
    const takers = ['a', 'b', 'c', 'd'].map((name) => new Taker(name, 1000));
    await served(...takers);
    backlog.claims.length = 0;
    backlog.add(10);
    matcher.wake();
    await served();
    expect(takers.map(({ taken }) => taken.length).sort()).to.deep.equal([2, 2, 3, 3]);
    expect(Math.max(...backlog.claims.map(([, limit]) => limit))).to.equal(3);
  });

  it('gives each of several streams at most 256 of a large backlog at a time', async () => {
    const takers = [new Taker('a', 1_000), new Taker('b', 1_000)];
    await served(...takers);
    backlog.claims.length = 0;
    backlog.add(1_200);
    matcher.wake();
    await served();
    expect(Math.max(...backlog.claims.map(([, limit]) => limit))).to.equal(256);
    const [first = 0, second = 0] = takers.map(({ taken }) => taken.length);
    expect(first + second).to.equal(1_200);
    expect(Math.abs(first - second)).to.be.at.most(256);
  });

  it('fills streams in proportion to their capacity', async () => {
    const takers = [new Taker('small', 10), new Taker('large', 30)];
    await served(...takers);
    for (let task = 0; task < 20; task++) {
      backlog.add(1);
      matcher.wake();
      await served();
    }
    expect(takers.map(({ taken }) => taken.length)).to.deep.equal([5, 15]);
  });

  it('takes any of the streams that are equally loaded', async () => {
    const takers = ['a', 'b', 'c'].map((name) => new Taker(name, 8));
    await served(...takers);
    backlog.add(1);
    random = 0.999;
    matcher.wake();
    await served();
    expect(takers.map(({ taken }) => taken.length)).to.deep.equal([0, 0, 1]);
  });

  it('serves one that was never heard of with one task when nobody who was has room', async () => {
    const [known, young] = [new Taker('known', 3), new Taker('young', 1000)];
    young.stands = 'unproven';
    await served(young, known);
    backlog.add(5);
    matcher.wake();
    await served();
    expect([known.taken.length, young.taken.length]).to.deep.equal([3, 2]);
    expect(backlog.claims.slice(-2)).to.deep.equal(Array(2).fill(['young', 1]));
  });

  it('serves one that leaves deliveries unconfirmed when nobody else takes such tasks', async () => {
    const [sitter, other] = [new Taker('sitter', 8, ['tts']), new Taker('other', 1)];
    sitter.stands = 'sitting';
    await served(sitter, other);
    backlog.add(3);
    matcher.wake();
    await served();
    expect([other.taken.length, sitter.taken.length]).to.deep.equal([1, 0]);
    await matcher.remove(other);
    matcher.add(new Taker('summaries', 8, ['summarization']));
    await served();
    expect(sitter.taken).to.have.length(2);
  });

  it('claims in the tick that wakes it, and not again once nothing is left', async () => {
    const takers = ['a', 'b', 'c'].map((name) => new Taker(name, 8));
    await served(...takers);
    backlog.claims.length = 0;
    backlog.add(1);
    matcher.wake();
    expect(backlog.claims).to.have.length(1);
    await served();
    expect(backlog.claims).to.have.length(1);
  });

  it('asks each sort of stream once when nothing that is pending can be handed out', async () => {
    backlog.waiting = 5;
    const takers = [new Taker('a', 8), new Taker('b', 8), new Taker('t', 8, ['tts'])];
    await served(...takers);
    backlog.claims.length = 0;
    matcher.wake();
    await served();
    expect(backlog.claims.length).to.be.at.most(2);
  });

  it('goes on to a stream that wants what another one left', async () => {
    backlog.add(4, 'transcription');
    const [speech, all] = [new Taker('speech', 8, ['tts']), new Taker('all', 8)];
    await served(speech, all);
    expect([speech.taken.length, all.taken.length]).to.deep.equal([0, 4]);
  });

  it('answers everybody who still wants tasks when there is nothing', async () => {
    const takers = [new Taker('a', 8), new Taker('b', 8)];
    await served(...takers);
    expect(takers.every(({ answers }) => answers.includes(0))).to.equal(true);
  });

  it('tells of a claim that failed and goes on when it is told to', async () => {
    backlog.failure = new Error('disk');
    const taker = new Taker('a', 8);
    await served(taker);
    expect(errors).to.deep.equal([backlog.failure]);
    expect(taker.failures).to.deep.equal([backlog.failure]);
    backlog.failure = undefined;
    backlog.add(1);
    matcher.retry();
    await served();
    expect(taker.taken).to.have.length(1);
  });

  it('serves nobody once it stopped', async () => {
    const taker = new Taker('a', 8);
    await served(taker);
    matcher.stop();
    backlog.add(1);
    matcher.wake();
    await served();
    expect(taker.taken).to.have.length(0);
    expect(taker.failures[0]).to.be.instanceOf(Refusal);
  });
});
