import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import type { AnonymousRules } from '../../src/auth/anonymous.js';
import { createHashKey, ensureKeySecret } from '../../src/auth/key-secret.js';
import { newKeyId, newKeyText } from '../../src/auth/key-text.js';
import { Keyring } from '../../src/auth/keyring.js';
import type { ContentWriter, Upload } from '../../src/queue/content-store.js';
import type { ContentIndex } from '../../src/queue/task-store.js';
import type { Scope } from '../../src/domain/scope.js';
import { createBridge } from '../../src/rest/bridge.js';
import { createChannel } from '../../src/rpc/clients/channel.js';
import {
  createContentServiceClient,
  createTaskServiceClient,
  createValidatorIntegrationClient,
  createWebhookServiceClient,
} from '../../src/rpc/clients/task-clients.js';
import { createGrpcServer } from '../../src/rpc/server.js';
import { systemClock, type Clock } from '../../src/runtime/clock.js';
import { SqliteKeyStore } from '../../src/store/sqlite/key-store.js';
import { contract } from './grpc-proxy.js';
import { MemoryContent } from './memory-content.js';
import { openQueue } from './queue.js';
import { ENCODER } from './rest-bridge.js';

export interface Key {
  readonly id: string;
  readonly text: string;
}

/** The keys of a proxy and, over a connection of its own, what an operator does to them. */
export interface Keys {
  readonly keyring: Keyring;
  readonly file: string;
  create(...scopes: readonly Scope[]): Promise<Key>;
  revoke(id: string): Promise<void>;
  /** @returns the new text */
  rotate(id: string, graceMs: number): Promise<string>;
  close(): Promise<void>;
}

export async function openTestKeys(
  anonymous: AnonymousRules = { allowed: false, onLoopback: true },
  clock: Clock = systemClock,
): Promise<Keys> {
  const folder = await mkdtemp(join(tmpdir(), 'audio-subnet-keys-'));
  const file = join(folder, 'keys.db');
  const hash = createHashKey(await ensureKeySecret(join(folder, 'keys.secret')));
  const operator = SqliteKeyStore.open(file);
  const keyring = await Keyring.open({
    store: SqliteKeyStore.open(file),
    hash,
    clock,
    anonymous,
    onError: (error) => {
      throw error;
    },
  });
  return {
    keyring,
    file,
    async create(...scopes) {
      const id = newKeyId();
      const text = newKeyText(id);
      await operator.create({ id, name: 'test', scopes, createMs: clock.wall(), hash: hash(text) });
      return { id, text };
    },
    async revoke(id) {
      await operator.revoke(id, clock.wall());
    },
    async rotate(id, graceMs) {
      const text = newKeyText(id);
      const nowMs = clock.wall();
      await operator.rotate({ id, hash: hash(text), nowMs, expireMs: nowMs + graceMs });
      return text;
    },
    async close() {
      keyring.stop();
      operator.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** Content in memory that tasks can refer to: the store knows of it. */
class IndexedContent extends MemoryContent {
  constructor(private readonly index: ContentIndex) {
    super();
  }

  override async open(upload: Upload): Promise<ContentWriter> {
    const writer = await super.open(upload);
    return {
      ...writer,
      finish: async (sha256) => {
        const ref = await writer.finish(sha256);
        const stored = { owner: upload.owner, ...ref, file: `${upload.owner}-${ref.sha256}` };
        if (!(await this.index.touchContent(stored))) await this.index.addContent(stored);
        return ref;
      },
    };
  }
}

function openClients(address: string, key?: string) {
  const channel = createChannel(address, key);
  return {
    tasks: createTaskServiceClient(channel),
    content: createContentServiceClient(channel),
    validators: createValidatorIntegrationClient(channel),
    webhooks: createWebhookServiceClient(channel),
  };
}

export type Clients = ReturnType<typeof openClients>;

export interface KeyedProxy {
  readonly keys: Keys;
  /** Of gRPC. */
  readonly address: string;
  /** Of the bridge in front of it. */
  readonly url: string;
  readonly content: MemoryContent;
  /** Everything that was logged, of debug too. */
  readonly logged: string[];
  /** Clients that show a key. */
  as(key: string | undefined): Clients;
  close(): Promise<void>;
}

/** Proxy and bridge over the real queue and real keys. */
export async function openKeyedProxy({ isPublic = false } = {}): Promise<KeyedProxy> {
  const keys = await openTestKeys();
  const { queue, store } = await openQueue({ maxPending: 1_000 });
  const logged: string[] = [];
  const log = pino({ level: 'trace' }, { write: (line: string) => logged.push(line) });
  const content = new IndexedContent(store);
  const grpc = createGrpcServer({
    contract: contract(),
    log,
    queue,
    content,
    identify: keys.keyring.identify,
    network: { current: () => undefined },
    clock: systemClock,
    leaseOwner: (token) => store.leaseOwner(token),
    webhooks: store,
    findTask: (id) => store.get({ id, view: 'basic' }),
  });
  const address = `127.0.0.1:${await grpc.bind('127.0.0.1:0')}`;
  const opened: Clients[] = [];
  const as = (key: string | undefined) => {
    const clients = openClients(address, key);
    opened.push(clients);
    return clients;
  };
  const bridge = await createBridge({
    clients: as(undefined),
    log,
    encoder: ENCODER,
    maxAudioBytes: 1024 * 1024,
    isPublic,
  });
  const { port } = await bridge.listen({ host: '127.0.0.1', port: 0 });
  return {
    keys,
    address,
    url: `http://127.0.0.1:${port}`,
    content,
    logged,
    as,
    async close() {
      await bridge.close(1_000);
      for (const clients of opened) for (const client of Object.values(clients)) client.close();
      queue.endStreams();
      await grpc.shutdown(1_000);
      await queue.close();
      await keys.close();
    },
  };
}
