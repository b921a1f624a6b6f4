import type { LeaseToken, Owner, SessionId, TaskId } from '../../domain/ids.js';
import { DEFAULT_BOOSTS, type Boosts } from '../../domain/rank.js';
import type {
  CancelRequest,
  ClaimRequest,
  ContentIndex,
  ContentQuery,
  EffectsListener,
  ExtendRequest,
  GetQuery,
  ListQuery,
  NewContent,
  NewTask,
  Settlement,
  TaskStore,
} from '../../queue/task-store.js';
import { IN_MEMORY } from './database.js';
import { GroupCommit } from './group-commit.js';
import type { Reads, Writes } from './operations.js';

export { OpenError } from './database.js';

export interface SqliteStoreOptions {
  /** Path of the database, or `:memory:`. */
  readonly file: string;
  readonly boosts?: Boosts;
  /** For tests alone: how far the store's clock is ahead. */
  readonly clockOffsetMs?: number;
  readonly onFatal?: (error: Error) => void;
}

/** The embedded store: one writer thread with group commit, one reader thread. */
export class SqliteTaskStore implements TaskStore, ContentIndex {
  readonly #writer: GroupCommit;
  /** The writer itself for an in-memory database, which only its own connection can see. */
  readonly #reader: GroupCommit;

  private constructor(writer: GroupCommit, reader: GroupCommit) {
    this.#writer = writer;
    this.#reader = reader;
  }

  /** @throws OpenError with one line that says what to do */
  static async open(options: SqliteStoreOptions): Promise<SqliteTaskStore> {
    const { file, boosts = DEFAULT_BOOSTS, clockOffsetMs = 0, onFatal = () => undefined } = options;
    const shared = { file, boosts, clockOffsetMs, onFatal };
    const writer = await GroupCommit.open({ ...shared, role: 'writer' });
    const reader = file === IN_MEMORY ? writer : await GroupCommit.open({ ...shared, role: 'reader' });
    return new SqliteTaskStore(writer, reader);
  }

  listen(listener: EffectsListener): void {
    this.#writer.listen(listener);
  }

  submit(tasks: readonly NewTask[]) {
    return Promise.all(tasks.map((task) => this.#write('submit', task)));
  }

  claim(request: ClaimRequest) {
    return this.#write('claim', request);
  }

  extend(request: ExtendRequest) {
    return this.#write('extend', request);
  }

  settle(settlements: readonly Settlement[]) {
    return Promise.all(settlements.map((settlement) => this.#write('settle', settlement)));
  }

  giveBack(session: SessionId) {
    return this.#write('giveBack', session);
  }

  cancel(request: CancelRequest) {
    return this.#write('cancel', request);
  }

  erase(request: { readonly owner: Owner; readonly id: TaskId }) {
    return this.#write('erase', request);
  }

  async sweep(): Promise<void> {
    await this.#writer.run('sweep', undefined);
  }

  addContent(content: NewContent) {
    return this.#write('addContent', content);
  }

  touchContent(content: NewContent) {
    return this.#write('touchContent', content);
  }

  get(query: GetQuery) {
    return this.#read('get', query);
  }

  list(query: ListQuery) {
    return this.#read('list', query);
  }

  stats() {
    return this.#read('stats', 0);
  }

  peek(limit: number) {
    return this.#read('peek', limit);
  }

  leases() {
    return this.#read('leases', undefined);
  }

  findContent(query: ContentQuery) {
    return this.#read('findContent', query);
  }

  isContentFile(file: string) {
    return this.#read('isContentFile', file);
  }

  leaseOwner(token: LeaseToken) {
    return this.#read('leaseOwner', token);
  }

  /** For tests alone: moves the store's clock. */
  async moveClock(byMs: number): Promise<void> {
    await this.#writer.moveClock(byMs);
    if (this.#reader !== this.#writer) await this.#reader.moveClock(byMs);
  }

  async close(): Promise<void> {
    if (this.#reader !== this.#writer) await this.#reader.close();
    await this.#writer.close();
  }

  #write<Name extends keyof Writes>(name: Name, argument: Writes[Name]['argument']) {
    return this.#writer.run(name, argument) as Promise<Writes[Name]['result']>;
  }

  #read<Name extends keyof Reads>(name: Name, argument: Reads[Name]['argument']) {
    return this.#reader.run(name, argument) as Promise<Reads[Name]['result']>;
  }
}
