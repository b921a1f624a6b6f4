import { expect } from 'chai';
import { TaskState } from '../../../gen/ts/audiosubnet/v1/task.js';
import { Settlement, type SettlementResult } from '../../../gen/ts/audiosubnet/v1/validator_integration.js';
import { Refusal } from '../../../src/domain/errors.js';
import type { CallBatch } from '../../../src/rpc/clients/call-batch.js';
import { createSettleBatch } from '../../../src/rpc/clients/settle-batch.js';
import { settle as turn } from './manual-clock.js';
import { rejection } from './rejection.js';

interface Call {
  readonly ids: readonly string[];
  readonly signal: AbortSignal;
  readonly resolve: (results: readonly SettlementResult[]) => void;
  readonly reject: (error: Error) => void;
}

function settlement(taskId: string, bytes = 0): Settlement {
  return Settlement.fromPartial({
    taskId,
    outcome: { $case: 'released', value: { reason: 'x'.repeat(bytes) } },
  });
}

const result = (taskId: string): SettlementResult => ({
  taskId,
  state: TaskState.PENDING,
  error: undefined,
});

describe('createSettleBatch()', () => {
  let calls: Call[];
  let batch: CallBatch<Settlement, SettlementResult>;

  beforeEach(() => {
    calls = [];
    batch = createSettleBatch(
      (settlements, signal) =>
        new Promise((resolve, reject) => {
          calls.push({ ids: settlements.map(({ taskId }) => taskId), signal, resolve, reject });
        }),
    );
  });

  const settle = (id: string, signal = new AbortController().signal, bytes = 0) =>
    batch.add(settlement(id, bytes), signal);
  const answer = async (place: number) => {
    const { ids = [], resolve } = calls[place] ?? {};
    resolve?.(ids.map(result));
    await turn(1);
  };
  const sizes = () => calls.map(({ ids }) => ids.length);

  it('asks at once, and puts together what comes meanwhile', async () => {
    const settled = ['a', 'b', 'c', 'd'].map((id) => settle(id));
    expect(calls.map(({ ids }) => ids)).to.deep.equal([['a']]);
    await answer(0);
    expect(calls.map(({ ids }) => ids)).to.deep.equal([['a'], ['b', 'c', 'd']]);
    await answer(1);
    expect((await Promise.all(settled)).map(({ taskId }) => taskId)).to.deep.equal(['a', 'b', 'c', 'd']);
    const later = settle('e');
    expect(calls[2]?.ids).to.deep.equal(['e']);
    await answer(2);
    await later;
  });

  it('puts at most 256 into a call', async () => {
    const settled = Array.from({ length: 601 }, (_, place) => settle(`${place}`));
    for (let place = 0; place < 4; place++) await answer(place);
    await Promise.all(settled);
    expect(sizes()).to.deep.equal([1, 256, 256, 88]);
  });

  it('puts at most 3 MiB into a call, but one settlement however large', async () => {
    const mebibyte = 1024 * 1024;
    const sizesInMiB = [0, 1.4, 1.4, 1.4, 5, 0.1];
    const settled = sizesInMiB.map((size, place) => settle(`${place}`, undefined, size * mebibyte));
    for (let place = 0; place < 5; place++) await answer(place);
    await Promise.all(settled);
    expect(sizes()).to.deep.equal([1, 2, 1, 1, 1]);
  });

  it('fails each of a call that failed, and goes on with the next', async () => {
    const settled = ['a', 'b', 'c'].map((id) => settle(id));
    await answer(0);
    const failed = Promise.all(settled.slice(1).map((promise) => rejection(promise)));
    const next = settle('d');
    calls[1]?.reject(new Refusal('UNAVAILABLE', 'gone'));
    expect((await failed).map(({ reason }) => reason)).to.deep.equal(['UNAVAILABLE', 'UNAVAILABLE']);
    await turn(1);
    await answer(2);
    expect((await next).taskId).to.equal('d');
  });

  it('fails alone what the answer leaves out', async () => {
    const first = settle('a');
    const [kept, left] = [settle('b'), settle('c')];
    await answer(0);
    const missing = rejection(left);
    calls[1]?.resolve([result('b')]);
    expect((await kept).taskId).to.equal('b');
    expect((await missing).reason).to.equal('INTERNAL');
    await first;
  });

  it('withdraws what its own signal aborts, before and during the call, and nothing else', async () => {
    const [early, late] = [new AbortController(), new AbortController()];
    const first = settle('a');
    const withdrawn = [rejection(settle('b', early.signal)), rejection(settle('c', late.signal))];
    const kept = settle('d');
    early.abort();
    await answer(0);
    expect(calls[1]?.ids).to.deep.equal(['c', 'd']);
    late.abort();
    expect(calls[1]?.signal.aborted).to.equal(false);
    expect((await Promise.all(withdrawn)).map(({ reason }) => reason)).to.deep.equal([
      'CANCELLED',
      'CANCELLED',
    ]);
    await answer(1);
    expect([(await first).taskId, (await kept).taskId]).to.deep.equal(['a', 'd']);
    expect((await rejection(settle('e', early.signal))).reason).to.equal('CANCELLED');
    expect(calls).to.have.length(2);
  });

  it('gives the call up once everybody withdrew', async () => {
    const caller = new AbortController();
    const withdrawn = rejection(settle('a', caller.signal));
    caller.abort();
    expect(calls[0]?.signal.aborted).to.equal(true);
    await withdrawn;
    calls[0]?.reject(new Error('cancelled'));
    await turn(1);
  });
});
