import type { Owner, TaskId } from '../../domain/ids.js';
import { REQUEST_KEY_MS } from '../../domain/limits.js';
import { rank } from '../../domain/rank.js';
import type { NewTask, SubmitOutcome } from '../../queue/task-store.js';
import { countMove, sql, type Context } from './context.js';
import { readTask } from './read.js';
import { enter } from './ready.js';
import { kindPlace, priorityPlace, statePlace, toTask, type InputDetail, type TaskRow } from './row.js';

/** Adds one task, unless its request id stands for another one already. */
export function submit(context: Context, task: NewTask): SubmitOutcome {
  const { db } = context;
  if (task.request !== undefined) {
    const known = findRequest(context, task.owner, task.request.id);
    if (known !== undefined && known.body_hash !== task.request.bodyHash)
      return { kind: 'request_id_reused' };
    const existing = known && readTask(db, { id: known.id, view: 'basic' });
    if (existing !== undefined) return { kind: 'existing', task: existing };
  }
  const size = payloadSize(context, task);
  if (size === undefined) return { kind: 'content_missing' };
  const row = insertTask(context, task, size);
  if (task.request !== undefined) insertRequest(context, task.owner, task.request, row.seq);
  countMove(context, undefined, 'pending');
  context.effects.changed.push(task.id);
  return { kind: 'created', task: toTask(row, { view: 'basic', input: inputDetail(task) }) };
}

interface RequestRow {
  readonly body_hash: string;
  readonly id: TaskId;
}

function findRequest({ db, nowUs }: Context, owner: Owner, requestId: string): RequestRow | undefined {
  return sql(
    db,
    `SELECT k.body_hash, t.id FROM request_key k JOIN task t ON t.seq = k.seq
     WHERE k.owner = ? AND k.request_id = ? AND k.expire_us > ?`,
  ).get(owner, requestId, nowUs) as RequestRow | undefined;
}

function insertRequest(
  { db, nowUs }: Context,
  owner: Owner,
  request: NonNullable<NewTask['request']>,
  seq: number,
): void {
  sql(
    db,
    'INSERT OR REPLACE INTO request_key (owner, request_id, body_hash, seq, expire_us) VALUES (?, ?, ?, ?, ?)',
  ).run(owner, request.id, request.bodyHash, seq, nowUs + REQUEST_KEY_MS * 1000);
}

/** The size of the payload; absent when it refers to content that is not there. */
function payloadSize({ db }: Context, { owner, input }: NewTask): number | undefined {
  if (input.payload.kind === 'inline') return input.payload.bytes.byteLength;
  const row = sql(db, 'SELECT size FROM content WHERE owner = ? AND sha256 = ?').get(
    owner,
    input.payload.sha256,
  ) as { size: number } | undefined;
  return row?.size;
}

function insertTask(context: Context, task: NewTask, size: number): TaskRow {
  const { db, nowUs, boosts } = context;
  const { payload } = task.input;
  const row = sql(
    db,
    `INSERT INTO task (id, owner, kind, language, priority, state, revision, rank, create_us, queue_us,
       expire_us, attempts, max_attempts, max_run_ms, lost_leases, deliveries, handed_out, payload_bytes,
       input_sha, callback_url)
     VALUES (?, ?, ?, ?, ?, ?, 1, ?, ?, ?, ?, 0, ?, ?, 0, 0, 0, ?, ?, ?) RETURNING *`,
  ).get(
    task.id,
    task.owner,
    kindPlace(task.kind),
    task.language,
    priorityPlace(task.priority),
    statePlace('pending'),
    Math.round(rank(nowUs, task.priority, boosts)),
    nowUs,
    nowUs,
    task.expireAfterMs === undefined ? null : nowUs + task.expireAfterMs * 1000,
    task.maxAttempts,
    task.maxRunMs,
    size,
    payload.kind === 'content' ? payload.sha256 : null,
    task.callbackUrl ?? null,
  ) as TaskRow;
  sql(db, 'INSERT INTO input (seq, detail, payload) VALUES (?, ?, ?)').run(
    row.seq,
    JSON.stringify(inputDetail(task)),
    payload.kind === 'inline' ? payload.bytes : null,
  );
  enter(context, row);
  return row;
}

function inputDetail({ input }: NewTask): InputDetail {
  const { fileName, mediaType, textLength, voice, maxSentences } = input;
  return {
    textLength,
    ...(fileName !== undefined && { fileName }),
    ...(mediaType !== undefined && { mediaType }),
    ...(voice !== undefined && { voice }),
    ...(maxSentences !== undefined && { maxSentences }),
  };
}
