import type Database from 'better-sqlite3';
import type {
  CancelOutcome,
  CancelRequest,
  ClaimRequest,
  ContentQuery,
  ContentRecord,
  ExtendOutcome,
  ExtendRequest,
  GetQuery,
  LeasedTask,
  LeaseRecord,
  ListPage,
  ListQuery,
  NewContent,
  NewTask,
  PendingTask,
  QueueStats,
  Settlement,
  SettleOutcome,
} from '../../queue/task-store.js';
import type { LeaseToken, Owner, SessionId, TaskId } from '../../domain/ids.js';
import type { Task } from '../../domain/task.js';
import { cancel } from './cancel.js';
import { claim } from './claim.js';
import { addContent, findContent, touchContent, isContentFile, leaseOwner } from './content.js';
import { sql, type Context } from './context.js';
import { erase } from './erase.js';
import { extend } from './extend.js';
import { findHeld, giveBack } from './lease.js';
import { listTasks, peekPending, readLeases, readStats, readTask } from './read.js';
import { settle } from './settle.js';
import { submit } from './submit.js';
import { sweep } from './sweep.js';

/** What a call to the worker asks for; each runs inside a transaction and is synchronous. */
export const WRITES = {
  submit: (context: Context, task: NewTask) => submit(context, task),
  claim: (context: Context, request: ClaimRequest): LeasedTask[] => claim(context, request),
  extend: (context: Context, request: ExtendRequest): ExtendOutcome => extend(context, request),
  settle: (context: Context, settlement: Settlement): SettleOutcome => settle(context, settlement),
  giveBack: giveBackAll,
  cancel: (context: Context, request: CancelRequest): CancelOutcome => cancel(context, request),
  erase: (context: Context, request: { readonly owner: Owner; readonly id: TaskId }) =>
    erase(context, request),
  sweep: (context: Context) => sweep(context),
  addContent: (context: Context, content: NewContent): ContentRecord => addContent(context, content),
  touchContent: (context: Context, content: NewContent): boolean => touchContent(context, content),
} as const;

/** What a call to a reader asks for. */
export const READS = {
  get: (db: Database.Database, query: GetQuery): Task | undefined => readTask(db, query),
  list: (db: Database.Database, query: ListQuery): ListPage => listTasks(db, query),
  stats: (db: Database.Database, nowUs: number): QueueStats => readStats(db, nowUs),
  peek: (db: Database.Database, limit: number): PendingTask[] => peekPending(db, limit),
  leases: (db: Database.Database): LeaseRecord[] => readLeases(db),
  findContent: (db: Database.Database, query: ContentQuery): ContentRecord | undefined =>
    findContent(db, query),
  isContentFile: (db: Database.Database, file: string): boolean => isContentFile(db, file),
  leaseOwner: (db: Database.Database, token: LeaseToken): Owner | undefined => leaseOwner(db, token),
} as const;

type Operation<Names> = {
  [Name in keyof Names]: Names[Name] extends (first: never, argument: infer Argument) => infer Result
    ? { argument: Argument; result: Result }
    : never;
};
export type Writes = Operation<typeof WRITES>;
export type Reads = Operation<typeof READS>;

function giveBackAll(context: Context, session: SessionId): void {
  const rows = sql(
    context.db,
    'SELECT seq FROM lease WHERE session = ? AND confirmed = 0 AND hand_out = 0',
  ).all(session) as { seq: number }[];
  for (const { seq } of rows) {
    const held = findHeld(context, 'seq', seq);
    if (held !== undefined) giveBack(context, held, 'given_back');
  }
}
