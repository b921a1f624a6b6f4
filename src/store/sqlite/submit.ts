import type { Owner, Sha256, TaskId } from '../../domain/ids.js';
import type { SubmitOutcome } from '../../queue/task-store.js';
import { countMove, sql, type Context } from './context.js';
import { readTask } from './read.js';
import type { SubmitArgument } from './submission.js';

/** What is told of a submission: when the new task was created, in Unix microseconds, or why there is none. */
export type SubmitAnswer = number | Exclude<SubmitOutcome, { kind: 'created' }>;

/** Adds one task, unless its request id stands for another one already. */
export function submit(
  context: Context,
  argument: SubmitArgument,
  payload: Uint8Array | undefined,
): SubmitAnswer {
  const [id, owner, kind, language, priority, detail, sha256, maxAttempts, maxRunMs, ...rest] = argument;
  const [expireAfterMs, callbackUrl, requestId, bodyHash, repeatOnly] = rest;
  const { db, nowUs } = context;
  if (requestId !== null) {
    const known = findRequest(context, owner, requestId);
    if (known !== undefined) {
      if (known.body_hash !== bodyHash) return { kind: 'request_id_reused' };
      const task = readTask(db, { id: known.id, view: 'basic' });
      if (task === undefined) throw new Error(`task ${known.id} is gone in its own transaction`);
      return { kind: 'existing', task };
    }
  }
  if (repeatOnly) return { kind: 'not_repeated' };
  const size = sha256 === null ? payload?.byteLength : contentSize(context, owner, sha256);
  if (size === undefined) return { kind: 'content_missing' };
  const { lastInsertRowid } = sql(
    db,
    `INSERT INTO task (id, owner, kind, language, priority, state, revision, create_us, queue_us, expire_us,
       attempts, max_attempts, max_run_ms, lost_leases, deliveries, handed_out, payload_bytes, input_sha,
       callback_url, request_id, body_hash)
     VALUES (?, ?, ?, ?, ?, 0, 1, ?, ?, ?, 0, ?, ?, 0, 0, 0, ?, ?, ?, ?, ?)`,
  ).run(
    id,
    owner,
    kind,
    language,
    priority,
    nowUs,
    nowUs,
    expireAfterMs === null ? null : nowUs + expireAfterMs * 1000,
    maxAttempts,
    maxRunMs,
    size,
    sha256,
    callbackUrl,
    requestId,
    bodyHash,
  );
  const seq = Number(lastInsertRowid);
  sql(db, 'INSERT INTO input (seq, detail, payload) VALUES (?, ?, ?)').run(seq, detail, payload ?? null);
  context.memory.order.enter({ seq, owner, priority, kind }, nowUs);
  countMove(context, undefined, 'pending');
  return nowUs;
}

interface RequestRow {
  readonly body_hash: string;
  readonly id: TaskId;
}

/** A request id is remembered as long as its task is kept. */
function findRequest({ db }: Context, owner: Owner, requestId: string): RequestRow | undefined {
  return sql(db, 'SELECT body_hash, id FROM task WHERE owner = ? AND request_id = ?').get(
    owner,
    requestId,
  ) as RequestRow | undefined;
}

/** The size of content; absent when it is not there. */
function contentSize({ db }: Context, owner: Owner, sha256: Sha256): number | undefined {
  return sql(db, 'SELECT size FROM content WHERE owner = ? AND sha256 = ?').pluck().get(owner, sha256) as
    number | undefined;
}
