import { randomBytes } from 'node:crypto';
import { ANONYMOUS, uuidV7, type LeaseToken, type SessionId, type TaskId } from '../../src/domain/ids.js';
import type { TaskResult } from '../../src/domain/task.js';
import type { ClaimRequest, NewTask } from '../../src/queue/task-store.js';

export function newId(): TaskId {
  return uuidV7(Date.now(), randomBytes(10));
}

export function newSession(): SessionId {
  return randomBytes(16).toString('hex') as SessionId;
}

export function newToken(): LeaseToken {
  return randomBytes(16).toString('hex') as LeaseToken;
}

/** A summarization task; whatever a test cares for is overridden. */
export function newTask(overrides: Partial<NewTask> = {}): NewTask {
  const bytes = Buffer.from('a text to summarize');
  return {
    id: newId(),
    owner: ANONYMOUS,
    kind: 'summarization',
    language: 'en',
    priority: 'normal',
    input: { payload: { kind: 'inline', bytes }, payloadBytes: bytes.length, textLength: 19 },
    maxAttempts: 3,
    maxRunMs: 3_600_000,
    ...overrides,
  };
}

export function claimFor(session: SessionId, overrides: Partial<ClaimRequest> = {}): ClaimRequest {
  return { session, holder: 'validator', limit: 100, kinds: [], handOut: false, ...overrides };
}

export function resultOf(text: string): TaskResult {
  return {
    output: { kind: 'inline', bytes: Buffer.from(text) },
    mediaType: 'text/plain; charset=utf-8',
    model: 'test',
    minerHotkey: 'miner',
    segments: [],
  };
}
