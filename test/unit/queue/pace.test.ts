import { expect } from 'chai';
import type { Task, TaskKind, TaskStatus } from '../../../src/domain/task.js';
import { Pace } from '../../../src/queue/pace.js';
import { newId, newTask } from '../../support/new-task.js';

describe('Pace', () => {
  let pace: Pace;
  let nowMs: number;
  beforeEach(() => {
    pace = new Pace();
    nowMs = 1_000_000;
  });

  /** A task that was worked on from `fromMs` to `toMs` after the start of the test's time. */
  const finished = (
    kind: TaskKind,
    fromMs: number,
    toMs: number,
    state: 'completed' | 'failed' = 'completed',
  ) => {
    const times = { createUs: 0, grantUs: fromMs * 1000, endUs: toMs * 1000 };
    pace.finished({ id: newId(), kind, state, ...times });
  };
  const task = (kind: TaskKind, status: TaskStatus, startUs?: number): Task => {
    const { input, ...rest } = newTask({ kind });
    const more = { revision: 1, createUs: 0, queueUs: 0, attemptCount: 0, attempts: [], responses: [] };
    return { ...rest, ...more, input, status, ...(startUs !== undefined && { startUs }) };
  };
  const endsInMs = (of: Task, pending = 1) => pace.endsInMs(of, { nowMs, pending });
  const pending = (kind: TaskKind, place?: number) =>
    task(kind, { state: 'pending', ...(place !== undefined && { place }) });

  it('knows nothing of a kind of which none was completed', () => {
    finished('tts', 0, 1_000);
    finished('summarization', 0, 1_000, 'failed');
    expect(endsInMs(pending('summarization', 0))).to.equal(undefined);
    expect(endsInMs(task('transcription', { state: 'processing' }))).to.equal(undefined);
  });

  it('takes the median of the kind for a task that is next, whatever one of them took', () => {
    for (const length of [2_000, 2_000, 3_000, 3_000, 90_000]) finished('tts', 0, length);
    finished('summarization', 0, 10);
    expect(endsInMs(pending('tts', 0))).to.equal(3_000);
  });

  it('adds the wait for those before it by the rate at which tasks ended one after the other', () => {
    for (let i = 0; i < 10; i++) finished('tts', i * 2_000, (i + 1) * 2_000);
    expect(endsInMs(pending('tts', 5))).to.equal(5 * 2_000 + 2_000);
  });

  it('counts what ran side by side, and no time in which nothing did', () => {
    for (let i = 0; i < 10; i++) {
      finished('tts', i * 60_000, i * 60_000 + 2_000);
      finished('summarization', i * 60_000, i * 60_000 + 2_000);
    }
    expect(endsInMs(pending('tts', 4))).to.equal(4 * 1_000 + 2_000);
  });

  it('puts a task whose place is not known behind all others', () => {
    for (let i = 0; i < 10; i++) finished('tts', i * 2_000, (i + 1) * 2_000);
    expect(endsInMs(pending('tts'), 1)).to.equal(2_000);
    expect(endsInMs(pending('tts'), 4)).to.equal(3 * 2_000 + 2_000);
    expect(endsInMs(pending('tts'), 0)).to.equal(2_000);
  });

  it('takes off what a running task has had, and says nothing once it takes longer than others', () => {
    finished('tts', 0, 10_000);
    const running = task('tts', { state: 'processing' }, (nowMs - 4_000) * 1000);
    expect(endsInMs(running)).to.equal(6_000);
    nowMs += 6_001;
    expect(endsInMs(running)).to.equal(undefined);
  });

  it('goes by the progress of a running task where there is some', () => {
    const startUs = (nowMs - 30_000) * 1000;
    const at = (fraction: number) =>
      endsInMs(task('transcription', { state: 'processing', progress: { fraction, stage: '' } }, startUs));
    expect(at(0.25)).to.equal(90_000);
    expect(at(1)).to.equal(0);
    expect(at(0.01)).to.equal(undefined);
  });

  it('says nothing of a task that is final', () => {
    finished('tts', 0, 1_000);
    expect(endsInMs(task('tts', { state: 'cancelled', reason: '' }))).to.equal(undefined);
  });

  it('forgets what is old, and measures at most once a second', () => {
    for (let i = 0; i < 64; i++) finished('tts', 0, 1_000);
    expect(endsInMs(pending('tts', 0))).to.equal(1_000);
    for (let i = 0; i < 64; i++) finished('tts', 0, 5_000);
    expect(endsInMs(pending('tts', 0))).to.equal(1_000);
    nowMs += 1_000;
    expect(endsInMs(pending('tts', 0))).to.equal(5_000);
  });
});
