import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect } from 'chai';
import { OpenError } from '../../src/store/sqlite/open-error.js';
import { SqliteKeyStore } from '../../src/store/sqlite/key-store.js';
import { describeKeyStore } from './key-store.js';

describeKeyStore('SQLite', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'audio-subnet-keys-'));
  const store = SqliteKeyStore.open(join(folder, 'keys.db'));
  const beside = SqliteKeyStore.open(join(folder, 'keys.db'));
  return {
    store,
    beside,
    async dispose() {
      store.close();
      beside.close();
      await rm(folder, { recursive: true });
    },
  };
});

describe('the file of API keys', () => {
  let folder: string;
  let file: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'audio-subnet-keys-'));
    file = join(folder, 'keys.db');
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('is for its owner alone, with the files beside it', async () => {
    const store = SqliteKeyStore.open(file);
    await store.create({ id: 'a', name: 'a', scopes: [], createMs: 0, hash: 'h' });
    for (const ending of ['', '-wal', '-shm'])
      expect((await stat(file + ending)).mode & 0o777, ending).to.equal(0o600);
    store.close();
  });

  it('of a newer version is refused', () => {
    SqliteKeyStore.open(file).close();
    const db = new Database(file);
    db.pragma('user_version = 99');
    db.close();
    expect(() => SqliteKeyStore.open(file)).to.throw(OpenError, /newer version/);
  });
});
