import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect } from 'chai';
import type { Owner, TaskId } from '../../../../src/domain/ids.js';
import { MIGRATIONS } from '../../../../src/store/sqlite/migrations.js';
import { SqliteTaskStore } from '../../../../src/store/sqlite/store.js';

const ANONYMOUS = 'anonymous' as Owner;
const FINAL = 'a' as TaskId;
const WAITING = 'b' as TaskId;

describe('a database of the first schema', () => {
  let folder: string;
  let file: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'audio-subnet-migrations-'));
    file = join(folder, 'proxy.db');
    const db = new Database(file);
    db.exec(MIGRATIONS[0] ?? '');
    db.pragma('user_version = 1');
    const nowUs = Date.now() * 1000;
    const task = db.prepare(
      `INSERT INTO task (seq, id, owner, kind, language, priority, state, revision, create_us, queue_us, end_us,
         attempts, max_attempts, max_run_ms, lost_leases, deliveries, handed_out, payload_bytes, callback_url)
       VALUES (?, ?, 'anonymous', 1, 'en', 1, ?, 2, ?, ?, ?, 0, 3, 1000, 0, 0, 0, 1, 'https://a.example/')`,
    );
    task.run(1, FINAL, 4, nowUs, nowUs, nowUs);
    task.run(2, WAITING, 0, nowUs, nowUs, null);
    const input = db.prepare("INSERT INTO input (seq, detail, payload) VALUES (?, '{}', x'61')");
    for (const seq of [1, 2]) input.run(seq);
    db.exec(
      `INSERT INTO outcome (seq, validator, detail) VALUES (1, '', '{"kind":"cancelled","reason":""}')`,
    );
    db.exec(`INSERT INTO webhook_outbox VALUES (1, 1, 'a', 'https://a.example/', 4, 2, ${nowUs})`);
    db.close();
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('is taken over: what ended before is not announced any more, what ends from now on is', async () => {
    const store = await SqliteTaskStore.open({ file });
    try {
      const claim = () => store.claimWebhooks({ limit: 9, failingLimit: 9, claimMs: 1000 });
      expect((await claim()).webhooks).to.deep.equal([]);
      await store.cancel({ owner: ANONYMOUS, id: WAITING, reason: '' });
      expect((await claim()).webhooks.map(({ id }) => id)).to.deep.equal([WAITING]);
      expect(await store.erase({ owner: ANONYMOUS, id: FINAL })).to.equal(true);
    } finally {
      await store.close();
    }
  });
});
