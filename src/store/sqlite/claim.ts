import type { LeaseToken } from '../../domain/ids.js';
import { HAND_OUT_LEASE_MS, LEASE_MS } from '../../domain/limits.js';
import type { ClaimRequest } from '../../queue/task-store.js';
import { countMove, sql, type Context } from './context.js';
import { randomToken } from '../../runtime/random.js';
import type { ClaimAnswer, LeasedAnswer } from './leased.js';
import { liveLease, type Lease } from './leases.js';
import { EVERY_KIND } from './order.js';
import { kindPlace, type LeaseRow, type TaskRow } from './row.js';

/** Leases the next tasks, one after the other, because each that leaves lets another one move up. */
export function claim(context: Context, request: ClaimRequest): ClaimAnswer {
  const { order, leases } = context.memory;
  const room = (request.maxInFlight ?? Infinity) - leases.renewableOf(request.session);
  const limit = Math.min(request.limit, room);
  const wanted = request.kinds.reduce((mask, kind) => mask | (1 << kindPlace(kind)), 0);
  const kinds = wanted === 0 ? EVERY_KIND : wanted;
  const tasks: LeasedAnswer[] = [];
  const payloads: Uint8Array[] = [];
  let bytes = 0;
  while (tasks.length < limit) {
    const next = order.next(kinds, context.nowUs);
    if (next === undefined) break;
    const row = readNext(context, next.seq);
    bytes += row.task.payload_bytes;
    if (tasks.length > 0 && request.maxInputBytes !== undefined && bytes > request.maxInputBytes) {
      order.reenter(row.task, next.rank);
      break;
    }
    tasks.push(describe(context, row, grant(context, row.task, next.rank, request)));
    if (row.payload !== null) payloads.push(row.payload);
  }
  return { tasks, payloads: joined(payloads) };
}

/** What a claim reads of a task. */
interface NextRow {
  readonly task: TaskRow;
  readonly detail: string;
  readonly payload: Uint8Array | null;
}

/** The one read of the hot path takes a list: objects with the names of 29 columns cost 10 us a row more. */
function readNext({ db }: Context, seq: number): NextRow {
  const row = sql(
    db,
    `SELECT t.id, t.owner, t.kind, t.language, t.priority, t.revision, t.create_us, t.queue_us, t.start_us,
       t.attempts, t.max_attempts, t.max_run_ms, t.lost_leases, t.deliveries, t.payload_bytes, t.input_sha,
       t.settled_token, t.settled_digest, t.callback_url, i.detail, i.payload
     FROM task t JOIN input i USING (seq) WHERE t.seq = ?`,
  )
    .raw()
    .get(seq) as NextColumns;
  return {
    task: {
      seq,
      id: row[0],
      owner: row[1],
      kind: row[2],
      language: row[3],
      priority: row[4],
      state: 0,
      revision: row[5],
      rank: null,
      create_us: row[6],
      queue_us: row[7],
      start_us: row[8],
      end_us: null,
      due_us: null,
      attempts: row[9],
      max_attempts: row[10],
      max_run_ms: row[11],
      lost_leases: row[12],
      deliveries: row[13],
      handed_out: 0,
      payload_bytes: row[14],
      input_sha: row[15],
      output_sha: null,
      settled_token: row[16],
      settled_digest: row[17],
      callback_url: row[18],
    },
    detail: row[19],
    payload: row[20],
  };
}

/** In a buffer of its own, which is handed over instead of copied. */
function joined(payloads: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(payloads.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let end = 0;
  for (const payload of payloads) {
    all.set(payload, end);
    end += payload.byteLength;
  }
  return all;
}

type NextColumns = readonly [
  id: TaskRow['id'],
  owner: TaskRow['owner'],
  kind: number,
  language: string,
  priority: number,
  revision: number,
  createUs: number,
  queueUs: number,
  startUs: number | null,
  attempts: number,
  maxAttempts: number,
  maxRunMs: number,
  lostLeases: number,
  deliveries: number,
  payloadBytes: number,
  inputSha: TaskRow['input_sha'],
  settledToken: TaskRow['settled_token'],
  settledDigest: string | null,
  callbackUrl: string | null,
  detail: string,
  payload: Uint8Array | null,
];

/** Puts a lease with a new random token on a task that was taken out of the order. */
export function grant(
  context: Context,
  task: TaskRow,
  place: number,
  { session, holder, handOut }: Pick<ClaimRequest, 'session' | 'holder' | 'handOut'>,
): Lease {
  const row: LeaseRow = {
    seq: task.seq,
    token: randomToken() as LeaseToken,
    session,
    holder,
    hand_out: handOut ? 1 : 0,
    rank: place,
    revision: task.revision + 1,
    grant_us: context.nowUs,
    confirm_us: null,
  };
  sql(
    context.db,
    `INSERT INTO lease (seq, token, session, holder, hand_out, rank, revision, grant_us)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  ).run(row.seq, row.token, session, holder, row.hand_out, place, row.revision, row.grant_us);
  const lease = liveLease(row, task, context.nowUs);
  context.memory.leases.add(lease);
  countMove(context, 'pending', 'processing');
  context.effects.changed.push(task.id);
  return lease;
}

function describe(context: Context, { task, detail }: NextRow, lease: Lease): LeasedAnswer {
  return [
    task.id,
    lease.token,
    task.attempts + 1,
    task.kind,
    task.language,
    task.priority,
    detail,
    task.payload_bytes,
    task.input_sha,
    task.create_us,
    context.nowUs,
    lease.hand_out === 1 ? HAND_OUT_LEASE_MS : LEASE_MS,
    task.max_run_ms,
  ];
}
