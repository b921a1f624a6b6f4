import type { GenericExtrinsic } from '@polkadot/types';
import { stringCamelCase, u8aToHex } from '@polkadot/util';
import { isSignedBy } from '../../../src/wallet/sign.js';
import type { Hotkey } from '../../../src/domain/ids.js';
import type { Ledger } from './ledger.js';

/** A transaction of the pool, decoded and with a good signature. */
export interface Transaction {
  readonly bytes: string;
  readonly who: string;
  readonly nonce: number;
  /** `pallet.method`, as polkadot-js names them. */
  readonly method: string;
  readonly args: Readonly<Record<string, unknown>>;
  /** Last block that may hold it, exclusive. */
  readonly deathBlock: number;
}

/** Why a node refuses a transaction before it reaches a block. */
export interface PoolRejection {
  readonly code: number;
  readonly message: string;
  readonly data: string;
}

const invalid = (data: string): PoolRejection => ({ code: 1010, message: 'Invalid Transaction', data });
export const customError = (code: number): PoolRejection => invalid(`Custom error: ${code}`);

/** Decodes and checks era, nonce and signature as a node does. */
export function admit(
  ledger: Ledger,
  bytes: string,
  hashOf: (block: number) => string | undefined,
): Transaction | PoolRejection {
  let extrinsic: GenericExtrinsic;
  try {
    extrinsic = ledger.runtime.registry.createType('Extrinsic', bytes);
  } catch (error) {
    return { code: 1002, message: 'Verification Error', data: `could not decode: ${String(error)}` };
  }
  if (!extrinsic.isSigned) return invalid('Transaction call is not expected');
  const who = extrinsic.signer.toString();
  const nonce = extrinsic.nonce.toNumber();
  if (nonce < nonceOf(ledger, who)) return invalid('Transaction is outdated');
  const { birth, death } = lifeOf(extrinsic, ledger.block);
  const birthHash = hashOf(birth);
  if (birthHash === undefined) return invalid('Transaction has an ancient birth block');
  if (!isWellSigned(ledger, extrinsic, { genesisHash: hashOf(0)!, blockHash: birthHash }))
    return invalid('Transaction has a bad signature');
  const { section, method, args, meta } = extrinsic.method;
  return {
    bytes,
    who,
    nonce,
    method: `${section}.${method}`,
    args: Object.fromEntries(meta.args.map(({ name }, at) => [stringCamelCase(name.toString()), args[at]])),
    deathBlock: death,
  };
}

export const isRejection = (answer: Transaction | PoolRejection): answer is PoolRejection => 'code' in answer;

export const nonceOf = (ledger: Ledger, who: string): number =>
  (ledger.read('system.account', [who])?.toJSON() as { nonce: number }).nonce;

/** An immortal one is signed over the genesis block. */
function lifeOf(extrinsic: GenericExtrinsic, block: number): { birth: number; death: number } {
  if (!extrinsic.era.isMortalEra) return { birth: 0, death: Number.MAX_SAFE_INTEGER };
  const era = extrinsic.era.asMortalEra;
  return { birth: era.birth(block), death: era.death(block) };
}

/** Builds what must have been signed from this chain's own genesis and version, and verifies. */
function isWellSigned(
  ledger: Ledger,
  extrinsic: GenericExtrinsic,
  { genesisHash, blockHash }: { readonly genesisHash: string; readonly blockHash: string },
): boolean {
  const { registry, version } = ledger.runtime;
  const { era, nonce, tip } = extrinsic;
  const payload = registry.createTypeUnsafe('ExtrinsicPayload', [
    {
      method: extrinsic.method.toHex(),
      era: era.toHex(),
      nonce: nonce.toHex(),
      tip: tip.toHex(),
      specVersion: version.specVersion,
      transactionVersion: version.transactionVersion,
      genesisHash,
      blockHash,
      mode: 0,
      metadataHash: null,
    },
    { version: 4 },
  ]);
  const message = payload.toU8a({ method: true });
  const signed = message.length > 256 ? registry.hash(message) : message;
  const signature = extrinsic.signature.toU8a(true);
  // MultiSignature may be unwrapped already; the last 64 bytes are the signature of either form.
  return isSignedBy(extrinsic.signer.toString() as Hotkey, signed, signature.slice(-64));
}

export const transactionHash = (ledger: Ledger, bytes: string): string =>
  u8aToHex(ledger.runtime.registry.hash(Buffer.from(bytes.slice(2), 'hex')));
