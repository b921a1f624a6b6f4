import type { SubmittableExtrinsic } from '@polkadot/api/types';
import type { ISubmittableResult } from '@polkadot/types/types';
import type { Clock } from '../runtime/clock.js';
import type { HotkeyPair } from '../wallet/hotkey.js';
import { signingPair } from './keyring-pair.js';
import { POOL_CODES } from './refusal-names.js';
import type { ChainSession } from './session.js';

/** A transaction that no block has taken by then never will be: 128 blocks, as Bittensor's own tools use. */
const ERA_BLOCKS = 128;

/**
 * A block takes 12 s; with ten missed the outcome is left open. The wait ends at the first block that holds the
 * transaction, not at its finality, which takes a minute more: a block that is replaced loses weights that are set
 * again in the next period anyway, and an axon that the next start announces again.
 */
const INCLUSION_MS = 120_000;

export type Call = SubmittableExtrinsic<'promise'>;

/** The library's declaration leaves the number out. */
type Result = ISubmittableResult & { readonly blockNumber?: { toNumber(): number } };

export type Submitted =
  | { readonly kind: 'included'; readonly block: number }
  /** By name of the runtime's error, from the pool or from the block. */
  | { readonly kind: 'refused'; readonly error: string; readonly message: string }
  /** Nothing is known of it, or the node has no place for it now. */
  | { readonly kind: 'unknown'; readonly message: string };

export interface Submission {
  readonly session: ChainSession;
  readonly call: Call;
  readonly pair: HotkeyPair;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Signs, sends and waits for a block. @throws the signal's reason, nothing else */
export async function submit(submission: Submission): Promise<Submitted> {
  const { session, call, signal } = submission;
  try {
    const signed = await signedCall(submission);
    signal.throwIfAborted();
    return await sendAndWait(submission, signed);
  } catch (error) {
    signal.throwIfAborted();
    return session.isOver ? { kind: 'unknown', message: LOST } : rejectionOf(error, call);
  }
}

const LOST = 'the connection to the chain was lost; whether it took the transaction is not known';

/** The era begins at the finalized head: a best block may be replaced, and with it the hash that is signed. */
async function signedCall({ session: { api }, call, pair }: Submission): Promise<Call> {
  const [nonce, header] = await Promise.all([
    // It counts what waits in the node's pool too.
    api.rpc.system.accountNextIndex(pair.address),
    api.rpc.chain.getFinalizedHead().then((hash) => api.rpc.chain.getHeader(hash)),
  ]);
  const era = api.registry.createType('ExtrinsicEra', {
    current: header.number.toNumber(),
    period: ERA_BLOCKS,
  });
  return call.signAsync(signingPair(pair), {
    nonce,
    era,
    blockHash: header.hash,
  });
}

async function sendAndWait({ session, clock, signal }: Submission, call: Call): Promise<Submitted> {
  let stop: () => void = () => undefined;
  let isSettled = false;
  try {
    return await new Promise<Submitted>((resolve, reject) => {
      const cancel = clock.after(INCLUSION_MS, () => {
        resolve({
          kind: 'unknown',
          message: `no block took the transaction within ${INCLUSION_MS / 1000} s; one still may`,
        });
      });
      const abort = () => reject(signal.reason as Error);
      signal.addEventListener('abort', abort, { once: true });
      void session.ended.then(() => resolve({ kind: 'unknown', message: LOST }));
      stop = () => {
        cancel();
        signal.removeEventListener('abort', abort);
      };
      call
        .send((result) => {
          const outcome = outcomeOf(session, result);
          if (outcome !== undefined) resolve(outcome);
        })
        .then((unsubscribe) => {
          const before = stop;
          stop = () => {
            before();
            unsubscribe();
          };
          if (isSettled) unsubscribe();
        })
        .catch(reject);
    });
  } finally {
    isSettled = true;
    stop();
  }
}

/** Undefined while it is still on its way. */
function outcomeOf({ api }: ChainSession, result: Result): Submitted | undefined {
  const { status, dispatchError, internalError } = result;
  if (internalError !== undefined) return { kind: 'unknown', message: internalError.message };
  if (status.isInvalid || status.isDropped || status.isUsurped)
    return { kind: 'unknown', message: `the node dropped the transaction (${status.type})` };
  if (!status.isInBlock) return undefined;
  if (dispatchError === undefined) return { kind: 'included', block: result.blockNumber?.toNumber() ?? 0 };
  if (!dispatchError.isModule)
    return {
      kind: 'refused',
      error: dispatchError.type,
      message: `the chain refused it: ${dispatchError.type}`,
    };
  const { name, docs } = api.registry.findMetaError(dispatchError.asModule);
  return { kind: 'refused', error: name, message: messageOf(name, docs.join(' ')) };
}

/** What a node says when its pool does not take a transaction. */
function rejectionOf(error: unknown, call: Call): Submitted {
  const { code, data, message } = error as {
    readonly code?: unknown;
    readonly data?: unknown;
    readonly message?: unknown;
  };
  const text = `${String(message)}${typeof data === 'string' && !String(message).includes(data) ? `: ${data}` : ''}`;
  if (code === INVALID_TRANSACTION) {
    const custom = /Custom error: (\d+)/.exec(String(data))?.[1];
    if (custom === undefined) return { kind: 'unknown', message: text };
    const name = POOL_CODES[Number(custom)] ?? `Custom error ${custom}`;
    return { kind: 'refused', error: name, message: messageOf(name, docsOf(call, name)) };
  }
  return { kind: 'unknown', message: text };
}

/** A node's code for what the runtime finds invalid; the others are troubles of its pool that pass. */
const INVALID_TRANSACTION = 1010;

function messageOf(name: string, docs: string): string {
  return docs.trim() === ''
    ? `the chain refused it: ${name}`
    : `the chain refused it: ${name} (${docs.trim()})`;
}

/** What the runtime itself says of an error, where it knows that name. */
function docsOf(call: Call, name: string): string {
  for (const pallet of call.registry.metadata.pallets)
    if (pallet.name.toString() === 'SubtensorModule' && pallet.errors.isSome)
      for (const variant of call.registry.lookup.getSiType(pallet.errors.unwrap().type).def.asVariant
        .variants)
        if (variant.name.toString() === name) return variant.docs.map((line) => line.toString()).join(' ');
  return '';
}
