import type Database from 'better-sqlite3';
import type { MinerResponse, Task } from '../../domain/task.js';
import type { GetQuery, LeaseRecord, ListPage, ListQuery } from '../../queue/task-store.js';
import type { TaskId } from '../../domain/ids.js';
import { sql } from './context.js';
import {
  kindPlace,
  statePlace,
  toPayload,
  toTask,
  type AttemptRow,
  type InputDetail,
  type LeaseRow,
  type OutcomeDetail,
  type TaskRow,
  type View,
} from './row.js';

/** A row of `task` with what stands beside it. */
interface WideRow extends TaskRow {
  readonly input_detail: string;
  readonly validator: string | null;
  readonly outcome_detail: string | null;
  readonly lease_revision: number | null;
  readonly confirm_us: number | null;
}

const WIDE = `SELECT t.*, i.detail AS input_detail, o.detail AS outcome_detail, o.validator,
    l.revision AS lease_revision, l.confirm_us
  FROM task t JOIN input i USING (seq) LEFT JOIN outcome o USING (seq) LEFT JOIN lease l USING (seq)`;

export function readTaskRow(db: Database.Database, seq: number): TaskRow {
  return sql(db, 'SELECT * FROM task WHERE seq = ?').get(seq) as TaskRow;
}

export function findTaskRow(db: Database.Database, id: TaskId): TaskRow | undefined {
  return sql(db, 'SELECT * FROM task WHERE id = ?').get(id) as TaskRow | undefined;
}

export function readTask(db: Database.Database, query: GetQuery): Task | undefined {
  const row = sql(db, `${WIDE} WHERE t.id = ?`).get(query.id) as WideRow | undefined;
  if (row === undefined) return undefined;
  if (query.owner !== undefined && row.owner !== query.owner) return undefined;
  return widen(db, row, query.view);
}

/** A task with a lease is processed, whatever its row says. */
export function listTasks(db: Database.Database, query: ListQuery): ListPage {
  const rows = sql(
    db,
    `${WIDE} WHERE t.owner = :owner AND t.seq < :before
       AND (:state IS NULL OR iif(l.seq IS NULL, t.state, ${statePlace('processing')}) = :state)
       AND (:kind IS NULL OR t.kind = :kind)
     ORDER BY t.seq DESC LIMIT :limit`,
  ).all({
    owner: query.owner,
    before: query.after ?? Number.MAX_SAFE_INTEGER,
    state: query.state === undefined ? null : statePlace(query.state),
    kind: query.kind === undefined ? null : kindPlace(query.kind),
    limit: query.limit + 1,
  }) as WideRow[];
  const page = rows.slice(0, query.limit);
  const last = page.at(-1);
  return {
    tasks: page.map((row) => widen(db, row, 'list')),
    ...(rows.length > page.length && last !== undefined && { next: last.seq }),
  };
}

function widen(db: Database.Database, row: WideRow, view: View): Task {
  const payload = view === 'full' ? readPayload(db, row) : undefined;
  const outcome = row.outcome_detail === null ? undefined : (JSON.parse(row.outcome_detail) as OutcomeDetail);
  const output = view === 'list' ? undefined : readOutput(db, row, outcome);
  return toTask(row, {
    view,
    input: JSON.parse(row.input_detail) as InputDetail,
    validator: row.validator ?? '',
    ...(payload !== undefined && { payload }),
    ...(outcome !== undefined && { outcome }),
    ...(output !== undefined && { output }),
    ...(row.lease_revision !== null && {
      lease: { revision: row.lease_revision, confirm_us: row.confirm_us },
    }),
    ...(view === 'full' && { attempts: readAttempts(db, row.seq), responses: readResponses(db, row.seq) }),
  });
}

function readOutput(
  db: Database.Database,
  row: TaskRow,
  outcome: OutcomeDetail | undefined,
): ReturnType<typeof toPayload> {
  if (outcome?.kind !== 'completed') return undefined;
  const inline = sql(db, 'SELECT output FROM outcome WHERE seq = ?')
    .pluck()
    .get(row.seq) as Uint8Array | null;
  return toPayload(inline, row.output_sha, outcome.outputBytes);
}

/** The input's payload; it is read by itself because lists and most reads do without. */
function readPayload(db: Database.Database, row: TaskRow): ReturnType<typeof toPayload> {
  const inline = sql(db, 'SELECT payload FROM input WHERE seq = ?').pluck().get(row.seq) as Uint8Array | null;
  return toPayload(inline, row.input_sha, row.payload_bytes);
}

function readAttempts(db: Database.Database, seq: number): AttemptRow[] {
  return sql(
    db,
    `SELECT number, holder, start_us, end_us, outcome, message FROM attempt
     WHERE seq = ? ORDER BY revision DESC LIMIT 32`,
  )
    .all(seq)
    .reverse() as AttemptRow[];
}

function readResponses(db: Database.Database, seq: number): readonly MinerResponse[] {
  const responses = sql(db, 'SELECT responses FROM outcome WHERE seq = ?').pluck().get(seq) as
    string | null | undefined;
  return responses == null ? [] : (JSON.parse(responses) as readonly MinerResponse[]);
}

export function readLeases(db: Database.Database): LeaseRecord[] {
  const rows = sql(
    db,
    'SELECT l.*, t.id FROM lease l JOIN task t USING (seq) WHERE l.hand_out = 0',
  ).all() as (LeaseRow & { id: TaskId })[];
  return rows.map(({ id, token, session, holder, confirm_us }) => ({
    id,
    token,
    session,
    holder,
    confirmed: confirm_us !== null,
  }));
}
