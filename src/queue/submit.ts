import { hash } from 'node:crypto';
import { Refusal } from '../domain/errors.js';
import type { TaskId } from '../domain/ids.js';
import { PAYLOAD_FORMS, type Mutable } from '../domain/task.js';
import type { Submitted, SubmitRequest } from './queue.js';
import type { NewTask, SubmitOutcome } from './task-store.js';

/** Rules of submission that an operator sets. */
export interface SubmitRules {
  /** Code points, without surrounding space. */
  readonly minSummaryLength: number;
  readonly maxSummaryLength: number;
  readonly maxTtsLength: number;
  readonly maxAttempts: number;
  readonly maxRunMs: number;
  /** Why a callback URL must not be told of anything, or undefined. */
  readonly forbiddenUrl: (url: string) => string | undefined;
}

/** The broken rule, or undefined. Limits that never vary are in the contract and checked at the edge. */
export function brokenRule(request: SubmitRequest, rules: SubmitRules): Refusal | undefined {
  const { kind, input, callbackUrl } = request;
  const problem = callbackUrl === undefined ? undefined : rules.forbiddenUrl(callbackUrl);
  if (problem !== undefined) return urlForbidden(problem);
  switch (kind) {
    case 'transcription':
      return undefined;
    case 'tts':
      if (input.textLength > rules.maxTtsLength)
        return Refusal.field('task.tts.text', `must be at most ${rules.maxTtsLength} characters`);
      return undefined;
    case 'summarization': {
      if (input.textLength > rules.maxSummaryLength)
        return Refusal.field(
          'task.summarization.text',
          `must be at most ${rules.maxSummaryLength} characters`,
        );
      if (input.textLength < rules.minSummaryLength)
        return Refusal.field(
          'task.summarization.text',
          `must be at least ${rules.minSummaryLength} characters`,
        );
      return undefined;
    }
  }
}

function urlForbidden(description: string): Refusal {
  const field = 'task.callback_url';
  return new Refusal('URL_FORBIDDEN', `${field}: ${description}`, { violations: [{ field, description }] });
}

/** What the store gets: defaults filled in, the maximum run time coerced, the body's digest beside its id. */
export function newTask(
  id: TaskId,
  request: SubmitRequest,
  rules: SubmitRules,
  repeatOnly: boolean,
): NewTask {
  const { requestId, maxRunMs = rules.maxRunMs, expireAfterMs, callbackUrl } = request;
  const task: Mutable<NewTask> = {
    id,
    owner: request.owner,
    kind: request.kind,
    language: request.language,
    priority: request.priority,
    input: request.input,
    maxAttempts: request.maxAttempts ?? rules.maxAttempts,
    maxRunMs: Math.min(maxRunMs, rules.maxRunMs),
    repeatOnly,
  };
  if (expireAfterMs !== undefined) task.expireAfterMs = expireAfterMs;
  if (callbackUrl !== undefined) task.callbackUrl = callbackUrl;
  if (requestId !== undefined) task.request = { id: requestId, bodyHash: bodyHash(request) };
  return task;
}

/** The same for the same request whatever carried it: payloads count by their bytes. */
function bodyHash(request: SubmitRequest): string {
  const { input, requestId, owner, ...rest } = request;
  const { payload, ...detail } = input;
  const sha256 = payload.kind === 'content' ? payload.sha256 : hash('sha256', payload.bytes);
  const canonical = JSON.stringify(sorted({ ...rest, ...detail, form: PAYLOAD_FORMS[request.kind], sha256 }));
  return hash('sha256', canonical);
}

function sorted(value: object): [string, unknown][] {
  return Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** What the edge gets. */
export function toSubmitted(
  outcome: SubmitOutcome,
  request: SubmitRequest,
  noRoom: Refusal | undefined,
): Submitted | Refusal {
  switch (outcome.kind) {
    case 'not_repeated':
      if (noRoom === undefined) throw new Error('a task was refused for want of room that is there');
      return noRoom;
    case 'created':
      return { task: outcome.task, deduplicated: false };
    case 'existing':
      return { task: outcome.task, deduplicated: true };
    case 'request_id_reused':
      return new Refusal('REQUEST_ID_REUSED', 'the request id was used with another body', {
        metadata: { request_id: request.requestId ?? '' },
      });
    case 'content_missing':
      return new Refusal('CONTENT_MISSING', 'the referenced content is not there; upload it first', {
        metadata: request.input.payload.kind === 'content' ? { sha256: request.input.payload.sha256 } : {},
      });
  }
}
