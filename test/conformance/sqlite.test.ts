import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqliteTaskStore } from '../../src/store/sqlite/store.js';
import { describeTaskOrder } from './task-order.js';
import { describeTaskPlace } from './task-place.js';
import { describeTaskStore, type StoreUnderTest } from './task-store.js';
import { describeWebhookOutbox } from './webhook-outbox.js';

const inMemory = async (): Promise<StoreUnderTest> => {
  const store = await SqliteTaskStore.open({ file: ':memory:' });
  return { store, moveClock: (byMs) => store.moveClock(byMs), dispose: () => store.close() };
};

const onFile = async (): Promise<StoreUnderTest> => {
  const directory = await mkdtemp(join(tmpdir(), 'audio-subnet-store-'));
  const file = join(directory, 'proxy.db');
  let store = await SqliteTaskStore.open({ file });
  let offsetMs = 0;
  return {
    store,
    moveClock: (byMs) => {
      offsetMs += byMs;
      return store.moveClock(byMs);
    },
    reopen: async () => {
      await store.close();
      store = await SqliteTaskStore.open({ file, clockOffsetMs: offsetMs });
      return store;
    },
    dispose: async () => {
      await store.close();
      await rm(directory, { recursive: true });
    },
  };
};

describeTaskStore('SQLite in memory', inMemory);
describeTaskStore('SQLite on file', onFile);
describeWebhookOutbox('SQLite in memory', inMemory);
describeWebhookOutbox('SQLite on file', onFile);
describeTaskPlace('SQLite in memory', inMemory);
describeTaskPlace('SQLite on file', onFile);
describeTaskOrder('SQLite in memory', inMemory, [1, 2]);
// With restarts on the way.
describeTaskOrder('SQLite on file', onFile, [1]);
