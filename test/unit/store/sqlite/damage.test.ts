import { copyFile, mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect } from 'chai';
import { ANONYMOUS } from '../../../../src/domain/ids.js';
import type { NewTask } from '../../../../src/queue/task-store.js';
import { OpenError, SqliteTaskStore } from '../../../../src/store/sqlite/store.js';
import { claimFor, newSession, newTask, resultOf } from '../../../support/new-task.js';

const PAGE_BYTES = 4096;
const TASKS = 120;

interface Page {
  /** The table or index. */
  readonly name: string;
  readonly table: string;
  /** From 1. */
  readonly number: number;
  readonly kind: string;
}

describe('SqliteTaskStore on a damaged file', function () {
  this.timeout(60_000);
  let directory: string;
  let whole: string;
  let file: string;
  let copies = 0;
  let pages: Page[];
  const tasks: NewTask[] = Array.from({ length: TASKS }, (_, i) =>
    newTask({ language: 'en', request: { id: `r${i}`, bodyHash: 'x' } }),
  );

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'audio-subnet-store-'));
    whole = join(directory, 'whole.db');
    await fillStore(whole, tasks);
    pages = pagesOf(whole);
  });
  after(() => rm(directory, { recursive: true }));
  beforeEach(freshCopy);

  /** Under a name of its own: a store that found damage may hold its file until the process ends. */
  async function freshCopy(): Promise<void> {
    copies += 1;
    file = join(directory, `copy-${copies}.db`);
    await copyFile(whole, file);
  }

  /** Overwrites part of the copy. */
  async function damage(offset: number, bytes: Buffer): Promise<void> {
    const handle = await open(file, 'r+');
    await handle.write(bytes, 0, bytes.length, offset);
    await handle.close();
  }

  async function refusalAtStart(): Promise<unknown> {
    try {
      const store = await SqliteTaskStore.open({ file });
      await store.close();
      return 'it opened';
    } catch (error) {
      return error;
    }
  }

  function expectRefused(error: unknown): void {
    expect(error).to.be.instanceOf(OpenError);
    const { message } = error as OpenError;
    expect(message).to.include(file).and.include('damaged').and.include('backup');
    expect(message.split('\n')).to.have.length(1);
  }

  it('opens the whole one', async () => {
    const store = await SqliteTaskStore.open({ file });
    expect((await store.stats()).counts).to.deep.include({ processing: 10, completed: 10 });
    await store.close();
  });

  const garbage = (bytes: number) => Buffer.alloc(bytes, 0xfe);

  for (const [what, offset, bytes] of [
    ['magic of the header', 0, garbage(16)],
    ['page size in the header', 16, garbage(2)],
    ['schema', 100, garbage(400)],
  ] as const)
    it(`refuses it at start when the ${what} is overwritten, naming the file in one line`, async () => {
      await damage(offset, bytes);
      expectRefused(await refusalAtStart());
    });

  it('refuses it at start when the text of the schema is overwritten', async () => {
    await damage((await readFile(file)).lastIndexOf('CREATE TABLE lease'), garbage(50));
    expectRefused(await refusalAtStart());
  });

  it('refuses it at start when it is cut off', async () => {
    const handle = await open(file, 'r+');
    await handle.truncate(PAGE_BYTES * Math.floor(pages.length / 2));
    await handle.close();
    expectRefused(await refusalAtStart());
  });

  it('refuses it at start when any page of the tasks or of their indexes is overwritten', async () => {
    const found = pages.filter(({ table }) => table === 'task');
    expect(new Set(found.map(({ name }) => name)).size).to.be.above(1);
    const served: string[] = [];
    for (const { name, number, kind } of found) {
      await freshCopy();
      await damage((number - 1) * PAGE_BYTES, garbage(256));
      const error = await refusalAtStart();
      if (error instanceof OpenError) expectRefused(error);
      else served.push(`${kind} page ${number} of ${name}: ${String(error)}`);
    }
    expect(served).to.deep.equal([]);
  });

  it('refuses it at start when the cells of a page of the tasks are overwritten', async () => {
    const leaf = pages.find(({ name, kind }) => name === 'task' && kind === 'leaf');
    await damage((leaf!.number - 1) * PAGE_BYTES + PAGE_BYTES / 2, garbage(PAGE_BYTES / 2));
    expectRefused(await refusalAtStart());
  });

  it('never serves what it cannot read elsewhere: refused at start, or with an error when it is read', async () => {
    let found = 0;
    for (const page of onePageOfEach(pages.filter(({ table }) => table !== 'task'))) {
      await freshCopy();
      await damage((page.number - 1) * PAGE_BYTES, garbage(256));
      const opened = await SqliteTaskStore.open({ file }).catch((error: unknown) => error);
      if (opened instanceof SqliteTaskStore) {
        found += await errorsOf(opened, page);
        await opened.close();
      } else {
        expectRefused(opened);
        found += 1;
      }
    }
    expect(found).to.be.above(0);
  });

  /** Reads each task and repeats some submissions. Whatever is answered must be right; the rest is counted. */
  async function errorsOf(store: SqliteTaskStore, page: Page): Promise<number> {
    const where = `${page.kind} page ${page.number} of ${page.name}`;
    const reads = await Promise.allSettled(tasks.map(({ id }) => store.get({ id, view: 'full' })));
    let errors = 0;
    for (const [place, read] of reads.entries()) {
      if (read.status === 'rejected') {
        expect(read.reason, where).to.be.instanceOf(Error);
        errors += 1;
        continue;
      }
      expect(read.value?.id, where).to.equal(tasks[place]!.id);
      const payload = read.value?.input.payload;
      const text = payload?.kind === 'inline' ? Buffer.from(payload.bytes).toString() : undefined;
      expect(text, where).to.equal('a text to summarize');
    }
    const repeated = await Promise.allSettled(
      tasks.map((task) => store.submit([{ ...newTask(), request: task.request! }])),
    );
    for (const [place, outcome] of repeated.entries()) {
      if (outcome.status === 'rejected') errors += 1;
      else if (outcome.value[0]?.kind !== 'existing' || outcome.value[0].task.id !== tasks[place]!.id)
        expect.fail(`${where}: a repeated submission gave ${outcome.value[0]?.kind}`);
    }
    const others = [
      store.sweep(),
      store.leases(),
      store.peek(100),
      store.list({ owner: ANONYMOUS, limit: 100 }),
      store.claim(claimFor(newSession(), { limit: 50 })),
    ];
    for (const { status } of await Promise.allSettled<unknown>(others))
      if (status === 'rejected') errors += 1;
    return errors;
  }
});

async function fillStore(file: string, tasks: readonly NewTask[]): Promise<void> {
  const store = await SqliteTaskStore.open({ file });
  await store.submit(tasks);
  const leased = await store.claim(claimFor(newSession(), { limit: 20 }));
  const outcome = { kind: 'completed', result: resultOf('gist') } as const;
  await store.settle(leased.slice(0, 10).map(({ id, token }) => ({ id, token, outcome, responses: [] })));
  await store.close();
}

/** All pages of the tables and indexes, by SQLite's own table of them. */
function pagesOf(file: string): Page[] {
  const db = new Database(file, { readonly: true });
  const rows = db
    .prepare(
      `SELECT s.name, m.tbl_name AS "table", s.pageno AS number, s.pagetype AS kind
       FROM dbstat s JOIN sqlite_schema m ON m.name = s.name`,
    )
    .all() as Page[];
  db.close();
  return rows;
}

/** The last page of each table and index that has rows. */
function onePageOfEach(pages: readonly Page[]): Page[] {
  return [...new Map(pages.map((page) => [page.name, page])).values()];
}
