import type Database from 'better-sqlite3';
import type { Sha256, TaskId } from '../../domain/ids.js';
import { TASK_STATES, type Task, type TaskState } from '../../domain/task.js';
import type {
  GetQuery,
  LeaseRecord,
  ListPage,
  ListQuery,
  PendingTask,
  QueueStats,
} from '../../queue/task-store.js';
import { sql } from './context.js';
import {
  kindPlace,
  statePlace,
  toPayload,
  toPending,
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
  readonly outcome_detail: string | null;
  readonly progress: number | null;
  readonly stage: string | null;
}

const WIDE = `SELECT t.*, i.detail AS input_detail, o.detail AS outcome_detail, l.progress, l.stage
  FROM task t JOIN input i USING (seq) LEFT JOIN outcome o USING (seq) LEFT JOIN lease l USING (seq)`;

export function readTask(db: Database.Database, query: GetQuery): Task | undefined {
  const row = sql(db, `${WIDE} WHERE t.id = ?`).get(query.id) as WideRow | undefined;
  if (row === undefined) return undefined;
  if (query.owner !== undefined && row.owner !== query.owner) return undefined;
  return widen(db, row, query.view);
}

export function listTasks(db: Database.Database, query: ListQuery): ListPage {
  const rows = sql(
    db,
    `${WIDE} WHERE t.owner = :owner AND t.seq < :before
       AND (:state IS NULL OR t.state = :state) AND (:kind IS NULL OR t.kind = :kind)
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
    ...(payload !== undefined && { payload }),
    ...(outcome !== undefined && { outcome }),
    ...(output !== undefined && { output }),
    lease: row,
    ...(view === 'full' && { attempts: readAttempts(db, row.seq) }),
  });
}

function readOutput(
  db: Database.Database,
  row: TaskRow,
  outcome: OutcomeDetail | undefined,
): ReturnType<typeof toPayload> {
  if (outcome?.kind !== 'completed') return undefined;
  const inline = sql(db, 'SELECT output FROM outcome WHERE seq = ?').get(row.seq) as {
    output: Uint8Array | null;
  };
  return toPayload(inline.output, row.output_sha, outcome.outputBytes);
}

/** The input's payload; it is read by itself because lists and most reads do without. */
export function readPayload(
  db: Database.Database,
  row: { readonly seq: number; readonly input_sha: Sha256 | null; readonly payload_bytes: number },
): ReturnType<typeof toPayload> {
  const inline = sql(db, 'SELECT payload FROM input WHERE seq = ?').get(row.seq) as {
    payload: Uint8Array | null;
  };
  return toPayload(inline.payload, row.input_sha, row.payload_bytes);
}

function readAttempts(db: Database.Database, seq: number): AttemptRow[] {
  return sql(
    db,
    `SELECT number, holder, start_us, end_us, outcome, message FROM attempt
     WHERE seq = ? ORDER BY rowid DESC LIMIT 32`,
  )
    .all(seq)
    .reverse() as AttemptRow[];
}

export function readStats(db: Database.Database, nowUs: number): QueueStats {
  const rows = sql(db, 'SELECT state, count FROM state_count').all() as { state: number; count: number }[];
  const counts = Object.fromEntries(
    TASK_STATES.map((state, place) => [state, rows.find((row) => row.state === place)?.count ?? 0]),
  ) as Record<TaskState, number>;
  // Tasks are numbered in the order of their submission, and both tables are ordered by that number.
  const oldest = sql(
    db,
    `SELECT min(create_us) AS us FROM task
     WHERE seq IN (SELECT min(seq) FROM ready UNION ALL SELECT min(seq) FROM retry)`,
  ).get() as { us: number | null };
  const leases = sql(db, 'SELECT count(*) AS n FROM lease').get() as { n: number };
  return { counts, leases: leases.n, nowUs, ...(oldest.us !== null && { oldestPendingUs: oldest.us }) };
}

export function peekPending(db: Database.Database, limit: number): PendingTask[] {
  const rows = sql(
    db,
    `SELECT t.* FROM (
       SELECT * FROM (SELECT seq, 0 AS waits, rank FROM ready WHERE rank IS NOT NULL ORDER BY rank, seq LIMIT :limit)
       UNION ALL
       SELECT * FROM (SELECT seq, 1, 0 FROM ready WHERE rank IS NULL ORDER BY seq LIMIT :limit)
       ORDER BY waits, rank, seq LIMIT :limit
     ) r JOIN task t USING (seq) ORDER BY r.waits, r.rank, r.seq`,
  ).all({ limit }) as TaskRow[];
  return rows.map(toPending);
}

export function readLeases(db: Database.Database): LeaseRecord[] {
  const rows = sql(
    db,
    'SELECT l.*, t.id FROM lease l JOIN task t USING (seq) WHERE l.hand_out = 0',
  ).all() as (LeaseRow & {
    id: TaskId;
  })[];
  return rows.map(({ id, token, session, holder, confirmed }) => ({
    id,
    token,
    session,
    holder,
    confirmed: confirmed === 1,
  }));
}
