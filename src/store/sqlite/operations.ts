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
  GiveBackRequest,
  LeaseRecord,
  ListPage,
  ListQuery,
  NewContent,
  PendingTask,
  QueueStats,
  SettleOutcome,
} from '../../queue/task-store.js';
import type { LeaseToken, Owner, Sha256, TaskId } from '../../domain/ids.js';
import type { Task } from '../../domain/task.js';
import type {
  ClaimedWebhooks,
  ClaimWebhooks,
  TryRecord,
  WebhookOutcome,
  WebhookStats,
} from '../../queue/webhook-outbox.js';
import { cancel } from './cancel.js';
import { claim } from './claim.js';
import { addContent, findContent, isContentFile, leaseOwner, readContent, touchContent } from './content.js';
import type { Context } from './context.js';
import { erase } from './erase.js';
import { extend } from './extend.js';
import { giveBackAll } from './give-back.js';
import type { ClaimAnswer } from './leased.js';
import { listTasks, readLeases, readTask } from './read.js';
import { settle } from './settle.js';
import type { SettleArgument } from './settlement.js';
import { peekPending, readPlace, readStats } from './stats.js';
import { submit, type SubmitAnswer } from './submit.js';
import type { SubmitArgument } from './submission.js';
import { sweep } from './sweep.js';
import { findWebhook, readWebhookStats, redeliver } from './webhook.js';
import { claimWebhooks, recordTry } from './webhook-claim.js';

/** What a call to the writer asks for; each runs inside a transaction and is synchronous. */
export const WRITES = {
  submit: (context: Context, argument: SubmitArgument, payload?: Uint8Array): SubmitAnswer =>
    submit(context, argument, payload),
  claim: (context: Context, request: ClaimRequest): ClaimAnswer => claim(context, request),
  extend: (context: Context, request: ExtendRequest): ExtendOutcome => extend(context, request),
  settle: (context: Context, argument: SettleArgument, output?: Uint8Array): SettleOutcome =>
    settle(context, argument, output),
  giveBack: (context: Context, request: GiveBackRequest): void => {
    giveBackAll(context, request);
  },
  cancel: (context: Context, request: CancelRequest): CancelOutcome => cancel(context, request),
  erase: (context: Context, request: { readonly owner: Owner; readonly id: TaskId }): boolean =>
    erase(context, request),
  sweep: (context: Context): boolean => sweep(context),
  addContent: (context: Context, content: NewContent): ContentRecord => addContent(context, content),
  touchContent: (context: Context, content: NewContent): boolean => touchContent(context, content),
  stats: (context: Context): QueueStats => readStats(context),
  peek: (context: Context, limit: number): PendingTask[] => peekPending(context, limit),
  place: (context: Context, id: TaskId): number | undefined => readPlace(context, id),
  findContent: (context: Context, query: ContentQuery): ContentRecord | undefined =>
    findContent(context, query),
  leaseOwner: (context: Context, token: LeaseToken): Owner | undefined => leaseOwner(context, token),
  claimWebhooks: (context: Context, request: ClaimWebhooks): ClaimedWebhooks =>
    claimWebhooks(context, request),
  recordTry: (context: Context, record: TryRecord): boolean => recordTry(context, record),
  redeliver: (context: Context, request: { readonly owner: Owner; readonly id: TaskId }): WebhookOutcome =>
    redeliver(context, request),
  webhookStats: (context: Context): WebhookStats => readWebhookStats(context),
} as const;

/** What a call to the reader asks for. */
export const READS = {
  get: (db: Database.Database, query: GetQuery): Task | undefined => readTask(db, query),
  list: (db: Database.Database, query: ListQuery): ListPage => listTasks(db, query),
  leases: (db: Database.Database): LeaseRecord[] => readLeases(db),
  readContent: (
    db: Database.Database,
    query: { readonly owner: Owner; readonly sha256: Sha256 },
  ): ContentRecord | undefined => readContent(db, query),
  findWebhook: (
    db: Database.Database,
    query: { readonly owner: Owner; readonly id: TaskId },
  ): WebhookOutcome => findWebhook(db, query),
  isContentFile: (db: Database.Database, file: string): boolean => isContentFile(db, file),
  /** Moves what the log holds into the file, as far as no reader needs the older pages. */
  checkpoint: (db: Database.Database): void => {
    db.pragma('wal_checkpoint(PASSIVE)');
  },
} as const;

/**
 * Writes whose loss in a power failure changes nothing that anybody was promised: the holder of a lost
 * lease is refused and its task is handed out again, a webhook is tried again. They need no fsync of their own.
 */
export const VOLATILE: ReadonlySet<string> = new Set([
  'claim',
  'extend',
  'giveBack',
  'sweep',
  'stats',
  'peek',
  'place',
  'findContent',
  'leaseOwner',
  'claimWebhooks',
  'recordTry',
  'webhookStats',
]);

type Operation<Names> = {
  [Name in keyof Names]: Names[Name] extends (first: never, argument: infer Argument) => infer Result
    ? { argument: Argument; result: Result }
    : Names[Name] extends (first: never, argument: infer Argument, bytes?: Uint8Array) => infer Result
      ? { argument: Argument; result: Result }
      : never;
};
export type Writes = Operation<typeof WRITES>;
export type Reads = Operation<typeof READS>;
