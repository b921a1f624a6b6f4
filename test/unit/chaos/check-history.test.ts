import { expect } from 'chai';
import type { LeaseToken, SessionId, TaskId } from '../../../src/domain/ids.js';
import type { Task } from '../../../src/domain/task.js';
import type { Webhook } from '../../../src/queue/webhook-outbox.js';
import { checkHistory } from '../../chaos/check-history.js';
import type { FinalTask } from '../../chaos/evidence.js';
import { History, type HistoryEvent } from '../../chaos/history.js';
import { digestOf } from '../../chaos/history-lines.js';
import {
  A,
  attempt,
  B,
  cancel,
  completedWith,
  delivery,
  extend,
  refused,
  seen,
  settle,
  submit,
  task,
  TASK,
  unknown,
  watch,
} from './told-history.js';

/** The invariants that a history breaks. */
function broken(
  events: readonly HistoryEvent[],
  finalTasks: readonly FinalTask[] = [task()],
): readonly string[] {
  return [...new Set(checkHistory(events, finalTasks).map(({ invariant }) => invariant))].sort();
}

/** A task is submitted, delivered, confirmed and completed. */
const LIFE: readonly HistoryEvent[] = [
  submit([0, 1]),
  delivery(2),
  extend([3, 4], [A]),
  settle([5, 6]),
  seen([7, 8], 4, 'completed', { digest: digestOf('output of a') }),
];

describe('checkHistory()', () => {
  it('finds nothing in a plain life', () => {
    expect(broken(LIFE)).to.deep.equal([]);
  });

  it('finds nothing in a life of broken connections, a lost lease and repetitions', () => {
    const other = { client: 'other', session: 'session-2' as SessionId, token: B };
    const second = { ...other, digest: digestOf('output of b') };
    const events = [
      submit([0, 5], { outcome: unknown }),
      submit([6, 9], { outcome: unknown }),
      submit([10, 11], { outcome: { kind: 'ok', taskId: TASK, deduplicated: true } }),
      submit([0, 1], { requestId: 'request-2', digest: digestOf('never arrived'), outcome: unknown }),
      submit([0, 1], {
        requestId: 'request-3',
        digest: digestOf('too many'),
        outcome: refused('QUEUE_FULL'),
      }),
      delivery(12),
      extend([13, 14], [A]),
      watch([12, 30], { outcome: unknown }),
      seen([12, 16], 2, 'processing', { watch: 'watch-1' }),
      // Its connection breaks, its lease expires and another validator gets the task.
      settle([20, 25], { outcome: unknown }),
      delivery(40, { ...other }),
      extend([42, 43], [A], [A]),
      settle([44, 45], { outcome: refused('LEASE_LOST') }),
      settle([50, 51], { ...second, outcome: unknown }),
      cancel([52, 53], refused('TASK_TERMINAL')),
      settle([54, 55], second),
      settle([56, 57], second),
      settle([58, 59], {
        ...other,
        settlement: 'released',
        digest: digestOf('why'),
        outcome: refused('SETTLED_DIFFERENTLY'),
      }),
      watch([60, 62], { watch: 'watch-2', afterRevision: 2 }),
      seen([60, 61], 7, 'completed', { watch: 'watch-2', digest: second.digest }),
      watch([63, 65], { watch: 'watch-3', afterRevision: 7 }),
      seen([63, 64], 7, 'completed', { watch: 'watch-3' }),
    ];
    const final = task({
      revision: 7,
      status: completedWith('output of b'),
      attempts: [attempt('LEASE_EXPIRED'), attempt('COMPLETED')],
    });
    expect(broken(events, [final])).to.deep.equal([]);
  });

  it('finds nothing where an unknown settle of a lost answer was the one that counted', () => {
    expect(broken([submit([0, 1]), delivery(2), settle([3, 4], { outcome: unknown })])).to.deep.equal([]);
  });

  it('lets the store forget a retryable failure once another lease of the task was settled', () => {
    const failure = { settlement: 'retryable', digest: digestOf('no luck') } as const;
    const events = [
      submit([0, 1]),
      delivery(2),
      settle([3, 4], { ...failure, outcome: { kind: 'ok', state: 'pending' } }),
      delivery(5, { token: B }),
      settle([6, 7], { token: B }),
      settle([8, 9], { ...failure, outcome: refused('LEASE_LOST') }),
    ];
    const final = task({ attempts: [attempt('ENGINE_FAILED', 'no luck'), attempt('COMPLETED')] });
    expect(broken(events, [final])).to.deep.equal([]);
  });

  it('finds an acknowledged task that is gone (I1)', () => {
    expect(broken([submit([0, 1])], [])).to.deep.equal(['I1']);
  });

  it('finds a task that nobody submitted (I1)', () => {
    const bytes = Buffer.from('out of nowhere');
    const stranger = task({
      id: 'task-2' as TaskId,
      input: { payload: { kind: 'inline', bytes }, payloadBytes: bytes.length, textLength: bytes.length },
      status: { state: 'cancelled', reason: '' },
    });
    expect(broken(LIFE, [task(), stranger])).to.deep.equal(['I1']);
  });

  it('finds a task that a refused submission left behind (I1)', () => {
    const events = [submit([0, 1], { outcome: refused('QUEUE_FULL') })];
    expect(broken(events, [task({ status: { state: 'cancelled', reason: '' } })])).to.deep.equal(['I1']);
  });

  it('finds a task that never ended (I2)', () => {
    expect(broken([submit([0, 1])], [task({ status: { state: 'pending' } })])).to.deep.equal(['I2']);
  });

  it('finds a final state that changed afterwards (I2)', () => {
    const events = [...LIFE, cancel([9, 10], { kind: 'ok' })];
    expect(broken(events)).to.deep.equal(['I2']);
    const failed = [submit([0, 1]), seen([2, 3], 3, 'failed')];
    expect(broken(failed, [task({ status: { state: 'cancelled', reason: '' } })])).to.include('I2');
  });

  it('finds another output than the one that was shown (I2)', () => {
    expect(broken([...LIFE, seen([9, 10], 4, 'completed', { digest: digestOf('other') })])).to.deep.equal([
      'I2',
    ]);
  });

  it('finds a lease that was accepted after the end (I2)', () => {
    const events = [submit([0, 1]), cancel([2, 3], { kind: 'ok' }), delivery(4), extend([5, 6], [A])];
    expect(
      broken(events, [task({ status: { state: 'cancelled', reason: '' }, attempts: [] })]),
    ).to.deep.equal(['I2']);
  });

  it('finds two leases that were valid at once (I3)', () => {
    const events = [
      submit([0, 1]),
      delivery(2),
      delivery(4, { token: B, session: 'session-2' as SessionId }),
      extend([5, 6], [A]),
      extend([7, 8], [B]),
      settle([9, 10], { token: B }),
    ];
    expect(broken(events)).to.deep.equal(['I3']);
  });

  it('does not take a delivery that was long on its way for an overlap (I3)', () => {
    const events = [
      submit([0, 1]),
      delivery(2),
      extend([5, 6], [A]),
      delivery(5, { token: B }),
      settle([9, 10]),
    ];
    expect(broken(events)).to.deep.equal([]);
  });

  it('finds a token that came twice (I3)', () => {
    expect(broken([...LIFE, delivery(9, { client: 'other' })])).to.deep.equal(['I3']);
  });

  it('finds a lost lease that was accepted again (I4)', () => {
    const events = [submit([0, 1]), delivery(2), extend([3, 4], [A], [A]), settle([5, 6])];
    expect(broken(events)).to.deep.equal(['I4']);
  });

  it('finds the output of a settle that was refused (I4)', () => {
    const events = [submit([0, 1]), delivery(2), settle([5, 6], { outcome: refused('LEASE_LOST') })];
    expect(broken(events)).to.deep.equal(['I4']);
  });

  it('finds the attempt of a settle that was refused (I4)', () => {
    const events = [
      ...LIFE,
      settle([1, 2], {
        token: B,
        settlement: 'retryable',
        digest: digestOf('too late'),
        outcome: refused('LEASE_LOST'),
      }),
    ];
    const final = task({ attempts: [attempt('ENGINE_FAILED', 'too late'), attempt('COMPLETED')] });
    expect(broken(events, [final])).to.deep.equal(['I4']);
  });

  it('finds a completion that was answered OK and lost (I5)', () => {
    const events = [
      submit([0, 1]),
      delivery(2),
      settle([3, 4], { outcome: { kind: 'ok', state: 'processing' } }),
    ];
    const final = task({ status: { state: 'cancelled', reason: '' }, attempts: [attempt('CANCELLED')] });
    expect(broken(events, [final])).to.deep.equal(['I5']);
  });

  it('finds a failure, a failed attempt and a release that were answered OK and lost (I5)', () => {
    const final = task({ status: { state: 'cancelled', reason: '' }, attempts: [] });
    for (const settlement of ['failed', 'retryable', 'released'] as const) {
      const events = [
        submit([0, 1]),
        delivery(2),
        extend([3, 4], [A]),
        settle([5, 6], { settlement, outcome: { kind: 'ok', state: 'pending' } }),
      ];
      expect(broken(events, [final]), settlement).to.deep.equal(['I5']);
    }
  });

  it('finds a repetition that was refused (I5)', () => {
    expect(broken([...LIFE, settle([9, 10], { outcome: refused('LEASE_LOST') })])).to.include('I5');
  });

  it('finds a lease that was settled in two ways (I5)', () => {
    const events = [
      ...LIFE,
      settle([9, 10], {
        settlement: 'released',
        digest: digestOf('x'),
        outcome: { kind: 'ok', state: 'completed' },
      }),
    ];
    expect(broken(events)).to.include('I5');
  });

  it('finds two tasks of one request (I7)', () => {
    const second = task({ id: 'task-2' as TaskId, status: { state: 'cancelled', reason: '' }, attempts: [] });
    const told = submit([2, 3], { outcome: { kind: 'ok', taskId: second.id, deduplicated: false } });
    expect(broken([...LIFE, told], [task(), second])).to.deep.equal(['I7']);
    const untold = submit([2, 3], { outcome: unknown });
    expect(broken([...LIFE, untold], [task(), second])).to.deep.equal(['I7']);
  });

  it('finds a second body that was taken for the first one (I7)', () => {
    const other = submit([2, 3], {
      digest: digestOf('another body'),
      outcome: { kind: 'ok', taskId: TASK, deduplicated: true },
    });
    expect(broken([...LIFE, other])).to.deep.equal(['I7']);
  });

  it('finds a result that is not there, and one that nobody gave (I8)', () => {
    const events = [submit([0, 1]), delivery(2), settle([3, 4], { outcome: unknown })];
    const { output, ...rest } = (task().status as Extract<Task['status'], { state: 'completed' }>).result;
    const empty = task({ status: { state: 'completed', validator: 'validator', result: rest } });
    expect(broken(events, [empty])).to.deep.equal(['I8']);
    expect(broken(events, [task({ status: completedWith('cut o') })])).to.deep.equal(['I8']);
  });

  it('finds a revision that went back (I9)', () => {
    const events = [...LIFE, seen([1, 2], 3, 'processing'), seen([3, 4], 2, 'processing')];
    expect(broken(events)).to.deep.equal(['I9']);
  });

  it('finds two states of one revision (I9)', () => {
    const events = [...LIFE, seen([1, 2], 2, 'processing'), seen([3, 4], 2, 'pending')];
    expect(broken(events)).to.deep.equal(['I9']);
  });

  it('finds a watcher that ended well without the final state, or read backwards (I9)', () => {
    const early = seen([1, 2], 2, 'processing', { watch: 'watch-1' });
    expect(broken([...LIFE, watch([1, 9]), early])).to.deep.equal(['I9']);
    const back = seen([1, 3], 1, 'pending', { watch: 'watch-1' });
    expect(broken([...LIFE, watch([1, 9], { outcome: unknown }), early, back])).to.deep.equal(['I9']);
  });

  it('finds a session that holds more leases than it asked for (I10)', () => {
    const tokens = ['x', 'y', 'z'] as LeaseToken[];
    const ids = ['task-x', 'task-y', 'task-z'] as TaskId[];
    const held = (most: number) => [
      ...ids.map((id) =>
        submit([0, 1], {
          requestId: id,
          digest: digestOf(id),
          outcome: { kind: 'ok', taskId: id, deduplicated: false },
        }),
      ),
      ...tokens.map((token, place) =>
        delivery(2 + place, { token, taskId: ids[place] ?? TASK, maxInFlight: most }),
      ),
      extend([9, 10], tokens),
    ];
    const finals = ids.map((id) =>
      task({
        id,
        status: { state: 'cancelled', reason: '' },
        attempts: [],
        input: { payload: { kind: 'inline', bytes: Buffer.from(id) }, payloadBytes: 6, textLength: 6 },
      }),
    );
    expect(broken(held(3), finals)).to.deep.equal([]);
    expect(broken(held(2), finals)).to.deep.equal(['I10']);
  });
});

describe('History', () => {
  it('keeps a call that never ended as unknown', () => {
    const history = new History();
    history.begin({ kind: 'cancel', client: 'user', taskId: TASK });
    const end = history.begin({ kind: 'cancel', client: 'user', taskId: TASK });
    end({ kind: 'refused', reason: 'TASK_TERMINAL' });
    expect(history.events.map(({ kind }) => kind)).to.deep.equal(['cancel', 'cancel']);
    expect(history.events).to.have.nested.property('[0].outcome.kind', 'unknown');
    expect(history.events[0]).not.to.have.property('endMs');
    expect(history.events).to.have.nested.property('[1].outcome.reason', 'TASK_TERMINAL');
  });

  describe('announcements (I12)', () => {
    const callbackUrl = 'https://a.example/hook';
    const webhook: Webhook = {
      id: TASK,
      url: callbackUrl,
      taskState: 'completed',
      state: 'pending',
      endUs: 5,
      tryCount: 0,
      tries: [],
    };
    const ended = { callbackUrl, endUs: 5 };

    it('finds nothing where the end that is announced is the one that is', () => {
      expect(broken(LIFE, [{ ...task(ended), webhook }])).to.deep.equal([]);
    });

    it('finds an end that is not announced, and an announcement of another one', () => {
      expect(broken(LIFE, [task(ended)])).to.deep.equal(['I12']);
      for (const other of [{ taskState: 'failed' }, { endUs: 4 }, { url: 'https://b.example/' }] as const)
        expect(broken(LIFE, [{ ...task(ended), webhook: { ...webhook, ...other } }])).to.deep.equal(['I12']);
    });
  });
});
