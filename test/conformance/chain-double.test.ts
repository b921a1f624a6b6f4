import { hotkeyFromSeed } from '../../src/wallet/hotkey.js';
import { startChainDouble } from '../support/chain-double/chain-double.js';
import { noMetadata, type KnownRuntime } from '../support/chain-double/metadata-files.js';
import { describeChain, type ChainUnderTest } from './chain.js';

const NETUID = 49;

async function openDouble(metadata: KnownRuntime): Promise<ChainUnderTest> {
  const [validator, miner, stranger] = await Promise.all(
    [1, 2, 3].map((byte) => hotkeyFromSeed(new Uint8Array(32).fill(byte))),
  );
  const double = await startChainDouble({
    metadata,
    netuid: NETUID,
    sealOnSubmit: true,
    neurons: [
      { uid: 0, hotkey: validator!.address, alphaRao: 10_000n, validatorPermit: true },
      { uid: 1, hotkey: miner!.address },
    ],
  });
  return {
    url: double.url,
    netuid: NETUID,
    validator: validator!,
    stranger: stranger!,
    minerUid: 1,
    dispose: () => double.stop(),
  };
}

const missing = noMetadata();
if (missing === undefined) {
  describeChain('double with the metadata of runtime 381', () => openDouble('381'));
  describeChain('double with the metadata of runtime 293', () => openDouble('293'));
} else
  describe('chain: double', () =>
    void it(`skipped: ${missing}`, function () {
      this.skip();
    }));
