import type { Block } from './blocks.js';
import { headerOf } from './blocks.js';
import { RpcError, type Connection, type Method } from './connection.js';
import { nonceOf, transactionHash } from './extrinsics.js';
import { callRuntime } from './runtime-calls.js';

const unsubscribe: Method = ([id], connection) => connection.unsubscribe(String(id));

const blockOf = ({ chain }: Connection, hash: unknown): Block => {
  if (typeof hash !== 'string') return chain.best;
  const block = chain.byHash(hash);
  if (block === undefined) throw new RpcError(4003, `Client error: UnknownBlock: ${hash}`);
  return block;
};

const CHAIN: Readonly<Record<string, Method>> = {
  chain_getBlockHash: ([number], { chain }) =>
    number === undefined || number === null ? chain.best.hash : chain.block(Number(number))?.hash,
  chain_getHeader: ([hash], connection) => {
    if (typeof hash === 'string' && connection.chain.byHash(hash) === undefined) return null;
    return headerOf(blockOf(connection, hash));
  },
  chain_getBlock: ([hash], connection) => {
    const block = blockOf(connection, hash);
    return { block: { header: headerOf(block), extrinsics: block.extrinsics }, justifications: null };
  },
  chain_getFinalizedHead: (_, { chain }) => chain.finalized.hash,
  chain_subscribeNewHead: (_, connection) => heads(connection, 'chain_newHead', 'best'),
  // Nodes name it both ways; polkadot-js looks for this one and calls the other.
  chain_subscribeNewHeads: (_, connection) => heads(connection, 'chain_newHead', 'best'),
  chain_subscribeAllHeads: (_, connection) => heads(connection, 'chain_allHead', 'best'),
  chain_subscribeFinalizedHeads: (_, connection) => heads(connection, 'chain_finalizedHead', 'finalized'),
  chain_unsubscribeNewHead: unsubscribe,
  chain_unsubscribeNewHeads: unsubscribe,
  chain_unsubscribeAllHeads: unsubscribe,
  chain_unsubscribeFinalizedHeads: unsubscribe,
};

function heads(connection: Connection, kind: string, which: 'best' | 'finalized'): string {
  const { chain } = connection;
  return connection.subscribe(kind, (notify) => {
    const tell = (block: Block): void => notify(headerOf(block));
    tell(chain[which]);
    chain.events.on(which, tell);
    return () => chain.events.off(which, tell);
  });
}

const STATE: Readonly<Record<string, Method>> = {
  state_getMetadata: ([hash], connection) =>
    connection.chain.runtimeAt(blockOf(connection, hash).number).metadataHex,
  state_getRuntimeVersion: ([hash], connection) =>
    connection.chain.runtimeAt(blockOf(connection, hash).number).version,
  state_call: ([name, data, hash], connection) =>
    callRuntime(connection.chain.at(blockOf(connection, hash).number), String(name), String(data)),
  state_getStorage: ([key, hash], connection) =>
    connection.chain.state.get(String(key), blockOf(connection, hash).number),
  state_queryStorageAt: ([keys, hash], connection) => {
    const block = blockOf(connection, hash);
    return [changesAt(connection, keys as string[], block)];
  },
  state_getKeysPaged: ([prefix, count, start, hash], connection) =>
    connection.chain.state
      .keys(String(prefix), blockOf(connection, hash).number)
      .filter((key) => typeof start !== 'string' || key > start)
      .slice(0, Number(count)),
  state_subscribeRuntimeVersion: (_, connection) =>
    connection.subscribe('state_runtimeVersion', (notify) => {
      const { chain } = connection;
      const tell = ({ version }: { readonly version: unknown }): void => notify(version);
      tell(chain.ledger.runtime);
      chain.events.on('runtime', tell);
      return () => chain.events.off('runtime', tell);
    }),
  state_unsubscribeRuntimeVersion: unsubscribe,
  state_subscribeStorage: ([keys], connection) => storageChanges(connection, keys as string[]),
  state_unsubscribeStorage: unsubscribe,
};

const changesAt = ({ chain }: Connection, keys: readonly string[], block: Block) => ({
  block: block.hash,
  changes: keys.map((key) => [key, chain.state.get(key, block.number)] as const),
});

/** All values first, then at each block those that changed. */
function storageChanges(connection: Connection, keys: readonly string[]): string {
  const { chain } = connection;
  return connection.subscribe('state_storage', (notify) => {
    const known = new Map<string, string | null>();
    const tell = (block: Block): void => {
      const { changes } = changesAt(connection, keys, block);
      const fresh = changes.filter(([key, value]) => !known.has(key) || known.get(key) !== value);
      for (const [key, value] of fresh) known.set(key, value);
      if (fresh.length > 0) notify({ block: block.hash, changes: fresh });
    };
    tell(chain.best);
    chain.events.on('best', tell);
    return () => chain.events.off('best', tell);
  });
}

const AUTHOR: Readonly<Record<string, Method>> = {
  author_submitExtrinsic: ([bytes], connection) => {
    submit(connection, String(bytes), () => {});
    return transactionHash(connection.chain.ledger, String(bytes));
  },
  author_submitAndWatchExtrinsic: ([bytes], connection) =>
    connection.subscribe('author_extrinsicUpdate', (notify) => {
      submit(connection, String(bytes), notify);
      return () => {};
    }),
  author_unwatchExtrinsic: unsubscribe,
  author_pendingExtrinsics: (_, { chain }) => chain.pending,
  system_accountNextIndex: ([who], { chain }) => nonceOf(chain.ledger, String(who)),
};

function submit({ chain }: Connection, bytes: string, notify: (status: unknown) => void): void {
  const rejection = chain.submit(bytes, notify);
  if (rejection !== undefined) throw new RpcError(rejection.code, rejection.message, rejection.data);
}

const SYSTEM: Readonly<Record<string, Method>> = {
  system_chain: () => 'Double of Bittensor',
  system_name: () => 'chain-double',
  system_version: () => '0.0.0',
  system_properties: () => ({ ss58Format: 42, tokenDecimals: 9, tokenSymbol: 'TAO' }),
  system_health: () => ({ peers: 1, isSyncing: false, shouldHavePeers: true }),
};

const ANSWERED: Readonly<Record<string, Method>> = { ...CHAIN, ...STATE, ...AUTHOR, ...SYSTEM };

/** What a client may ask. A method that is not named here is removed from a client's `api.rpc`. */
export const METHODS: Readonly<Record<string, Method>> = {
  ...ANSWERED,
  rpc_methods: () => ({ methods: [...Object.keys(ANSWERED), 'rpc_methods'] }),
};
