import type { LeaseToken, Owner, TaskId } from '../../domain/ids.js';
import { DEFAULT_RETENTION_MS } from '../../domain/limits.js';
import { DEFAULT_BOOSTS, type Boosts } from '../../domain/rank.js';
import type {
  CancelRequest,
  ClaimRequest,
  ContentIndex,
  ContentQuery,
  EffectsListener,
  ExtendRequest,
  GetQuery,
  GiveBackRequest,
  ListQuery,
  NewContent,
  NewTask,
  Settlement,
  SettleOutcome,
  SubmitOutcome,
  TaskStore,
} from '../../queue/task-store.js';
import type { ClaimWebhooks, TryRecord, WebhookOutbox } from '../../queue/webhook-outbox.js';
import { IN_MEMORY } from './database.js';
import { GroupCommit } from './group-commit.js';
import { toLeasedTasks } from './leased.js';
import type { Reads, Writes } from './operations.js';
import { toSettleArgument } from './settlement.js';
import { createdPending, createdTask, toSubmitArgument } from './submission.js';
import type { SubmitAnswer } from './submit.js';
import type { Call } from './wire.js';

export { OpenError } from './open-error.js';

export interface SqliteStoreOptions {
  /** Path of the database, or `:memory:`. */
  readonly file: string;
  readonly boosts?: Boosts;
  /** How long finished tasks are kept from their end; absent means DEFAULT_RETENTION_MS. */
  readonly retentionMs?: number;
  /** For tests alone: how far the store's clock is ahead. */
  readonly clockOffsetMs?: number;
  /** For tests alone: pages that the file may have. */
  readonly maxPages?: number;
  readonly onFatal?: (error: Error) => void;
}

/** The embedded store: one writer thread with group commit, one reader thread. */
export class SqliteTaskStore implements TaskStore, ContentIndex, WebhookOutbox {
  readonly #writer: GroupCommit;
  /** The writer itself for an in-memory database, which only its own connection can see. */
  readonly #reader: GroupCommit;
  /** Absent for an in-memory database, which has no log. */
  readonly #checkpointer: GroupCommit | undefined;
  #checkpointing = false;

  private constructor(writer: GroupCommit, reader: GroupCommit, checkpointer?: GroupCommit) {
    this.#writer = writer;
    this.#reader = reader;
    this.#checkpointer = checkpointer;
  }

  /** @throws OpenError with one line that says what to do */
  static async open(options: SqliteStoreOptions): Promise<SqliteTaskStore> {
    const shared = {
      boosts: DEFAULT_BOOSTS,
      retentionMs: DEFAULT_RETENTION_MS,
      clockOffsetMs: 0,
      onFatal: () => undefined,
      ...options,
    };
    const writer = await GroupCommit.open({ ...shared, role: 'writer' });
    if (options.file === IN_MEMORY) return new SqliteTaskStore(writer, writer);
    const reader = await GroupCommit.open({ ...shared, role: 'reader' });
    return new SqliteTaskStore(writer, reader, await GroupCommit.open({ ...shared, role: 'checkpointer' }));
  }

  listen(listener: EffectsListener): void {
    this.#writer.listen(listener);
  }

  async submit(tasks: readonly NewTask[]): Promise<readonly SubmitOutcome[]> {
    const answers = await this.#writer.run(tasks.map(toSubmitCall), (answer, place, { pending }) => {
      const task = tasks[place];
      if (task !== undefined && typeof answer === 'number') pending.push(createdPending(task, answer));
    });
    return tasks.map((task, place) => toSubmitOutcome(task, answers[place] as SubmitAnswer));
  }

  async claim(request: ClaimRequest) {
    return toLeasedTasks(await this.#write('claim', request));
  }

  extend(request: ExtendRequest) {
    return this.#write('extend', request);
  }

  settle(settlements: readonly Settlement[]) {
    return this.#writer.run(settlements.map(toSettleCall)) as Promise<readonly SettleOutcome[]>;
  }

  giveBack(request: GiveBackRequest) {
    return this.#write('giveBack', request);
  }

  cancel(request: CancelRequest) {
    return this.#write('cancel', request);
  }

  erase(request: { readonly owner: Owner; readonly id: TaskId }) {
    return this.#write('erase', request);
  }

  async sweep() {
    const isMore = await this.#write('sweep', undefined);
    this.#checkpoint();
    return isMore;
  }

  addContent(content: NewContent) {
    return this.#write('addContent', content);
  }

  touchContent(content: NewContent) {
    return this.#write('touchContent', content);
  }

  async get(query: GetQuery) {
    const task = await this.#read('get', query);
    if (query.place !== true || task?.status.state !== 'pending') return task;
    // The order is in the memory of the writer alone.
    const place = await this.#write('place', query.id);
    return place === undefined ? task : { ...task, status: { ...task.status, place } };
  }

  list(query: ListQuery) {
    return this.#read('list', query);
  }

  stats() {
    return this.#write('stats', undefined);
  }

  peek(limit: number) {
    return this.#write('peek', limit);
  }

  leases() {
    return this.#read('leases', undefined);
  }

  findContent(query: ContentQuery) {
    return 'owner' in query ? this.#read('readContent', query) : this.#write('findContent', query);
  }

  isContentFile(file: string) {
    return this.#read('isContentFile', file);
  }

  leaseOwner(token: LeaseToken) {
    return this.#write('leaseOwner', token);
  }

  claimWebhooks(request: ClaimWebhooks) {
    return this.#write('claimWebhooks', request);
  }

  recordTry(record: TryRecord) {
    return this.#write('recordTry', record);
  }

  findWebhook(query: { readonly owner: Owner; readonly id: TaskId }) {
    return this.#read('findWebhook', query);
  }

  redeliver(request: { readonly owner: Owner; readonly id: TaskId }) {
    return this.#write('redeliver', request);
  }

  webhookStats() {
    return this.#write('webhookStats', undefined);
  }

  /** For tests alone: moves the store's clock. */
  async moveClock(byMs: number): Promise<void> {
    await this.#writer.moveClock(byMs);
    if (this.#reader !== this.#writer) await this.#reader.moveClock(byMs);
  }

  async close(): Promise<void> {
    await this.#checkpointer?.close();
    if (this.#reader !== this.#writer) await this.#reader.close();
    await this.#writer.close();
  }

  /** Nobody waits for it: where it fails without being fatal, the next one does its work. */
  #checkpoint(): void {
    if (this.#checkpointer === undefined || this.#checkpointing) return;
    this.#checkpointing = true;
    this.#checkpointer.run([{ name: 'checkpoint', argument: undefined }]).then(
      () => (this.#checkpointing = false),
      () => (this.#checkpointing = false),
    );
  }

  async #write<Name extends keyof Writes>(name: Name, argument: Writes[Name]['argument']) {
    const [value] = await this.#writer.run([{ name, argument }]);
    return value as Writes[Name]['result'];
  }

  async #read<Name extends keyof Reads>(name: Name, argument: Reads[Name]['argument']) {
    const [value] = await this.#reader.run([{ name, argument }]);
    return value as Reads[Name]['result'];
  }
}

function toSubmitCall(task: NewTask): Call {
  const { payload } = task.input;
  const argument = toSubmitArgument(task);
  return payload.kind === 'inline'
    ? { name: 'submit', argument, bytes: payload.bytes }
    : { name: 'submit', argument };
}

function toSubmitOutcome(task: NewTask, answer: SubmitAnswer): SubmitOutcome {
  return typeof answer === 'number' ? { kind: 'created', task: createdTask(task, answer) } : answer;
}

function toSettleCall(settlement: Settlement): Call {
  const { outcome } = settlement;
  const output = outcome.kind === 'completed' ? outcome.result.output : undefined;
  const argument = toSettleArgument(settlement);
  return output?.kind === 'inline'
    ? { name: 'settle', argument, bytes: output.bytes }
    : { name: 'settle', argument };
}
