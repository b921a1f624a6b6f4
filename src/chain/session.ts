import type { ApiPromise } from '@polkadot/api';
import type { ApiOptions } from '@polkadot/api/types';
import type { Clock } from '../runtime/clock.js';
import type { Polkadot } from './polkadot.js';

/** From the first byte to the decoded metadata. */
const OPEN_TIMEOUT_MS = 30_000;
/** For one answer. */
const CALL_TIMEOUT_MS = 20_000;
/** A head every 12 s is usual. After so many missing ones the node, or the way to it, is taken for dead. */
const STALL_MS = 90_000;

/** Extensions of Subtensor that add nothing to a transaction; unknown ones make the library warn. */
const NO_BYTES = { extrinsic: {}, payload: {} };
const SIGNED_EXTENSIONS = {
  SudoTransactionExtension: NO_BYTES,
  SubtensorTransactionExtension: NO_BYTES,
  DrandPriority: NO_BYTES,
  CheckShieldedTxValidity: NO_BYTES,
};

/** Why a session ended. */
export type SessionEnd =
  | { readonly kind: 'lost'; readonly cause: string }
  /** The chain runs another runtime: everything decoded so far is out of date. */
  | { readonly kind: 'new_runtime'; readonly specVersion: number }
  /** We ended it. */
  | { readonly kind: 'closed' };

export interface Head {
  readonly number: number;
  readonly hash: string;
}

/**
 * One connection to one endpoint with the metadata of one runtime. It never reconnects: the library would then
 * decode with old metadata, and on a new runtime it asks for metadata of version 14, which has no runtime calls.
 */
export class ChainSession {
  readonly ended: Promise<SessionEnd>;
  #end: (end: SessionEnd) => void = () => undefined;
  #isOver = false;
  #onHead: (head: Head) => void = () => undefined;
  #head: Head | undefined;
  #stopWatching: () => void = () => undefined;

  constructor(
    readonly endpoint: string,
    readonly api: ApiPromise,
    private readonly clock: Clock,
  ) {
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    api.on('disconnected', () => this.#finish({ kind: 'lost', cause: 'the connection was closed' }));
  }

  get specVersion(): number {
    return this.api.runtimeVersion.specVersion.toNumber();
  }

  /** Newest block that was heard of. */
  get head(): Head | undefined {
    return this.#head;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Calls back at each new best block, first with the present one. One listener alone. */
  async watch(onHead: (head: Head) => void): Promise<void> {
    this.#onHead = onHead;
    const { specVersion } = this;
    this.#expectHead();
    await this.api.rpc.state.subscribeRuntimeVersion((version) => {
      const newVersion = version.specVersion.toNumber();
      if (newVersion !== specVersion) this.#finish({ kind: 'new_runtime', specVersion: newVersion });
    });
    await this.api.rpc.chain.subscribeNewHeads((header) => {
      if (this.#isOver) return;
      this.#expectHead();
      this.#head = { number: header.number.toNumber(), hash: header.hash.toHex() };
      this.#onHead(this.#head);
    });
  }

  /** Ends it; again does nothing. */
  close(): void {
    this.#finish({ kind: 'closed' });
  }

  #expectHead(): void {
    this.#stopWatching();
    this.#stopWatching = this.clock.after(STALL_MS, () =>
      this.#finish({ kind: 'lost', cause: `no new block for ${STALL_MS / 1000} s` }),
    );
  }

  #finish(end: SessionEnd): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#stopWatching();
    this.#onHead = () => undefined;
    this.api.disconnect().catch(() => undefined);
    this.#end(end);
  }
}

export interface OpenSession {
  readonly polkadot: Polkadot;
  readonly endpoint: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Connects and reads the metadata. @throws Error with the cause in its message, or the signal's reason */
export async function openSession({ polkadot, endpoint, clock, signal }: OpenSession): Promise<ChainSession> {
  signal.throwIfAborted();
  const provider = new polkadot.WsProvider(endpoint, false, {}, CALL_TIMEOUT_MS);
  const api = new polkadot.ApiPromise({
    // Its declaration does not hold under exactOptionalPropertyTypes.
    provider: provider as unknown as NonNullable<ApiOptions['provider']>,
    noInitWarn: true,
    signedExtensions: SIGNED_EXTENSIONS,
  });
  let give: (cause: Error) => void = () => undefined;
  const failed = new Promise<never>((_, reject) => {
    give = reject;
  });
  // Each of these ends the wait; the last one to come is of no interest, so it must not go unhandled.
  failed.catch(() => undefined);
  const stopClock = clock.after(OPEN_TIMEOUT_MS, () =>
    give(new Error(`no answer in ${OPEN_TIMEOUT_MS / 1000} s`)),
  );
  const abort = () => give(signal.reason as Error);
  signal.addEventListener('abort', abort, { once: true });
  api.once('error', (error: unknown) => give(new Error(causeOf(error), { cause: error })));
  api.once('disconnected', () => give(new Error('the connection was closed')));
  api.isReadyOrError.catch(() => undefined);
  try {
    const ready = new Promise<ApiPromise>((resolve) => api.once('ready', resolve));
    await provider.connect();
    await Promise.race([ready, failed]);
    return new ChainSession(endpoint, api, clock);
  } catch (error) {
    api.disconnect().catch(() => undefined);
    throw error;
  } finally {
    stopClock();
    signal.removeEventListener('abort', abort);
  }
}

/** What a socket's error event, or an error, says; a code of the system where there is one. */
function causeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return String(error);
  const inner: unknown = 'error' in error ? error.error : undefined;
  for (const source of [inner, error]) {
    const deep = source instanceof AggregateError ? (source.errors[0] as unknown) : source;
    if (typeof deep !== 'object' || deep === null) continue;
    if ('code' in deep && typeof deep.code === 'string') return deep.code;
    if ('message' in deep && typeof deep.message === 'string' && deep.message !== '') return deep.message;
  }
  return 'the connection failed';
}
