import { blake2AsU8a } from '@polkadot/util-crypto';
import { compactToU8a, hexToU8a, u8aConcat, u8aToHex } from '@polkadot/util';

export interface Block {
  readonly number: number;
  readonly hash: string;
  readonly parentHash: string;
  readonly stateRoot: string;
  readonly extrinsicsRoot: string;
  /** As sent, hex. */
  readonly extrinsics: readonly string[];
}

/** A header as a node's JSON-RPC gives it. */
export const headerOf = (block: Block): object => ({
  parentHash: block.parentHash,
  number: `0x${block.number.toString(16)}`,
  stateRoot: block.stateRoot,
  extrinsicsRoot: block.extrinsicsRoot,
  digest: { logs: [] },
});

const ROOT = u8aToHex(new Uint8Array(32).fill(7));

/** A block whose hash covers its content; `fork` makes another one of the same content. */
export function makeBlock(
  content: Pick<Block, 'number' | 'parentHash' | 'extrinsics'> & { readonly fork: number },
): Block {
  const { number, parentHash, extrinsics, fork } = content;
  const stateRoot = u8aToHex(blake2AsU8a(`state ${number} of fork ${fork}`));
  const extrinsicsRoot = extrinsics.length === 0 ? ROOT : u8aToHex(blake2AsU8a(extrinsics.join()));
  const header = u8aConcat(
    hexToU8a(parentHash),
    compactToU8a(number),
    hexToU8a(stateRoot),
    hexToU8a(extrinsicsRoot),
    [0],
  );
  return { number, parentHash, extrinsics, stateRoot, extrinsicsRoot, hash: u8aToHex(blake2AsU8a(header)) };
}
