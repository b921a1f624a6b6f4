import { Refusal } from '../domain/errors.js';
import type { LeaseToken, TaskId } from '../domain/ids.js';
import { HAND_OUT_LEASE_MS } from '../domain/limits.js';
import { PRIORITIES, TASK_KINDS, type MinerResponse, type Score } from '../domain/task.js';
import type { FedTask, FeedSettlement } from './ports/task-feed.js';

type Fields = Readonly<Record<string, unknown>>;

/** Reads `queue_stats.pending_count` of GET /api/v1/validator/integration. */
export function readPendingCount(body: unknown): number {
  const count = fields(fields(body, 'the answer')['queue_stats'], 'queue_stats')['pending_count'];
  if (typeof count === 'number' && Number.isInteger(count) && count >= 0) return count;
  throw malformed('queue_stats.pending_count: must be a whole number');
}

/** Reads the tasks of POST /api/v1/validator/distribute; none when the key is absent. */
export function readTasks(body: unknown): readonly FedTask[] {
  const { tasks } = fields(body, 'the answer');
  if (tasks === undefined) return [];
  if (!Array.isArray(tasks)) throw malformed('tasks: must be a list');
  return tasks.map((task: unknown, index) => readTask(fields(task, `tasks[${index}]`), `tasks[${index}]`));
}

function readTask(task: Fields, path: string): FedTask {
  const kind = TASK_KINDS.find((known) => known === task['task_type']);
  if (kind === undefined) throw malformed(`${path}.task_type: is not known`);
  const expires = task['expires_in'];
  const leaseMs = typeof expires === 'number' && expires > 0 ? expires * 1000 : HAND_OUT_LEASE_MS;
  const { voice, max_sentences: maxSentences } = task;
  return {
    id: text(task, 'task_id', path) as TaskId,
    token: text(task, 'lease_token', path) as LeaseToken,
    kind,
    language: text(task, 'language', path),
    priority: PRIORITIES.find((known) => known === task['priority']) ?? 'normal',
    payload: { kind: 'inline', bytes: Buffer.from(text(task, 'input_data', path), 'base64') },
    ...(typeof voice === 'string' && voice !== '' ? { voice } : {}),
    ...(typeof maxSentences === 'number' && maxSentences > 0 ? { maxSentences } : {}),
    leaseMs,
    maxRunMs: leaseMs,
  };
}

/** The body of POST /api/v1/validator/submit_result. Times are seconds. */
export function writeResult(settlement: FeedSettlement, holder: string): Fields {
  const { id, token, outcome, responses } = settlement;
  const common = {
    task_id: id,
    lease_token: token,
    validator_hotkey: holder,
    responses: responses.map(writeResponse),
  };
  switch (outcome.kind) {
    case 'completed': {
      const { result } = outcome;
      if (result.output.kind !== 'inline') throw new Refusal('INTERNAL', 'a polled result must be inline');
      return {
        ...common,
        status: 'completed',
        result: Buffer.from(result.output.bytes).toString('base64'),
        media_type: result.mediaType,
        model: result.model,
        miner_uid: result.minerUid ?? null,
        miner_hotkey: result.minerHotkey,
        processing_time: seconds(result.minerProcessingMs),
        validator_time: seconds(result.validatorMs),
        segments: result.segments.map(({ startMs, endMs, text }) => ({
          start: startMs / 1000,
          end: endMs / 1000,
          text,
        })),
        ...writeScore(result.score),
      };
    }
    case 'failed':
      return {
        ...common,
        status: 'failed',
        error_reason: outcome.failure.reason,
        error_message: outcome.failure.message,
        retryable: outcome.retryable,
      };
    case 'released':
      return { ...common, status: 'released', error_message: outcome.reason };
  }
}

function writeResponse(response: MinerResponse): Fields {
  return {
    miner_uid: response.minerUid ?? null,
    hotkey: response.hotkey,
    ...writeScore(response.score),
    miner_processing_time: seconds(response.minerProcessingMs),
    validator_time: seconds(response.validatorMs),
    error_message: response.errorMessage === '' ? null : response.errorMessage,
    selected: response.selected,
    model: response.model,
  };
}

function writeScore(score: Score | undefined): Fields {
  return {
    accuracy_score: score?.accuracy ?? null,
    speed_score: score?.speed ?? null,
    combined_score: score?.combined ?? null,
    parts: (score?.parts ?? []).map(({ name, value, explanation }) => ({
      name,
      value: value ?? null,
      explanation,
    })),
    policy_version: score?.policyVersion ?? null,
    policy_hash: score?.policyHash ?? null,
  };
}

function seconds(ms: number | undefined): number | null {
  return ms === undefined ? null : ms / 1000;
}

function fields(value: unknown, path: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw malformed(`${path}: must be an object`);
}

function text(entry: Fields, name: string, path: string): string {
  const value = entry[name];
  if (typeof value === 'string' && value !== '') return value;
  throw malformed(`${path}.${name}: must be a text that is not empty`);
}

function malformed(problem: string): Refusal {
  return new Refusal('MALFORMED_MESSAGE', `the proxy's answer is not understood: ${problem}`, {
    metadata: { cause: 'HTTP' },
  });
}
