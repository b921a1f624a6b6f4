import { ANONYMOUS, type LeaseToken, type SessionId, type TaskId } from '../../../src/domain/ids.js';
import type { Attempt, Task, TaskStatus } from '../../../src/domain/task.js';
import type {
  Call,
  Delivery,
  Extend,
  Observation,
  Outcome,
  Settle,
  Submit,
  Watch,
} from '../../chaos/history.js';
import { digestOf } from '../../chaos/history-lines.js';

/** Events as a story: each takes its instants, everything else has a plain default. */

export const TASK = 'task-1' as TaskId;
export const A = 'token-a' as LeaseToken;
export const B = 'token-b' as LeaseToken;

export const unknown: Outcome<never> = { kind: 'unknown' };

export function refused(reason: Extract<Outcome, { kind: 'refused' }>['reason']): Outcome<never> {
  return { kind: 'refused', reason };
}

type At = readonly [startMs: number, endMs: number];

function timed([startMs, endMs]: At): Pick<Call, 'startMs' | 'endMs'> {
  return { startMs, endMs };
}

export function submit(at: At, overrides: Partial<Submit> = {}): Submit {
  return {
    kind: 'submit',
    client: 'user',
    owner: ANONYMOUS,
    requestId: 'request-1',
    digest: digestOf('input of task-1'),
    outcome: { kind: 'ok', taskId: TASK, deduplicated: false },
    ...timed(at),
    ...overrides,
  };
}

export function delivery(atMs: number, overrides: Partial<Delivery> = {}): Delivery {
  return {
    kind: 'delivery',
    client: 'validator',
    session: 'session-1' as SessionId,
    taskId: TASK,
    token: A,
    attempt: 1,
    maxInFlight: 2,
    atMs,
    ...overrides,
  };
}

export function extend(at: At, tokens: readonly LeaseToken[], revoked: readonly LeaseToken[] = []): Extend {
  return {
    kind: 'extend',
    client: 'validator',
    session: 'session-1' as SessionId,
    tokens,
    outcome: { kind: 'ok', revoked },
    ...timed(at),
  };
}

export function settle(at: At, overrides: Partial<Settle> = {}): Settle {
  return {
    kind: 'settle',
    client: 'validator',
    session: 'session-1' as SessionId,
    taskId: TASK,
    token: A,
    settlement: 'completed',
    digest: digestOf('output of a'),
    outcome: { kind: 'ok', state: 'completed' },
    ...timed(at),
    ...overrides,
  };
}

export function cancel(at: At, outcome: Outcome): Call {
  return { kind: 'cancel', client: 'user', taskId: TASK, outcome, ...timed(at) };
}

export function watch(at: At, overrides: Partial<Watch> = {}): Watch {
  return {
    kind: 'watch',
    client: 'user',
    watch: 'watch-1',
    taskId: TASK,
    afterRevision: 0,
    outcome: { kind: 'ok' },
    ...timed(at),
    ...overrides,
  };
}

export function seen(
  [startMs, endMs]: At,
  revision: number,
  state: Observation['state'],
  overrides: Partial<Observation> = {},
): Observation {
  return { kind: 'observation', client: 'user', taskId: TASK, revision, state, startMs, endMs, ...overrides };
}

export const completed: TaskStatus = completedWith('output of a');

export function completedWith(output: string): TaskStatus {
  return {
    state: 'completed',
    validator: 'validator',
    result: {
      output: { kind: 'inline', bytes: Buffer.from(output) },
      mediaType: 'text/plain',
      model: '',
      minerHotkey: '',
      segments: [],
    },
  };
}

export function attempt(outcome: string, message = ''): Attempt {
  return { number: 1, validator: 'validator', startUs: 0, endUs: 1, outcome, message };
}

export function task(overrides: Partial<Task> = {}): Task {
  const bytes = Buffer.from('input of task-1');
  return {
    id: TASK,
    owner: ANONYMOUS,
    kind: 'summarization',
    language: 'en',
    priority: 'normal',
    status: completed,
    revision: 4,
    createUs: 0,
    queueUs: 0,
    attemptCount: 1,
    maxAttempts: 3,
    input: { payload: { kind: 'inline', bytes }, payloadBytes: bytes.length, textLength: bytes.length },
    attempts: [attempt('COMPLETED')],
    responses: [],
    ...overrides,
  };
}
