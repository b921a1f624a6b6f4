import { ChainSubnet } from '../../src/chain/chain-subnet.js';
import { systemClock, type Clock } from '../../src/runtime/clock.js';
import { hotkeyFromSeed, type HotkeyPair } from '../../src/wallet/hotkey.js';
import { memoryLog, type LogLine } from '../unit/validator/memory-log.js';
import { startChainDouble, type ChainDouble, type ChainDoubleOptions } from './chain-double/chain-double.js';
import { noMetadata } from './chain-double/metadata-files.js';
import { skipSuite } from './skip-suite.js';

export const NETUID = 49;

/** Skips a suite from its `before` hook, or a test, where the metadata of the chain's runtimes is absent. */
export function needMetadata(context: Mocha.Context): void {
  const missing = noMetadata();
  if (missing === undefined) return;
  const { test } = context;
  if (test !== undefined && 'type' in test && test.type === 'hook') skipSuite(context, missing);
  if (test !== undefined) test.title += ` (skipped: ${missing})`;
  context.skip();
}

export function hotkey(byte: number): Promise<HotkeyPair> {
  return hotkeyFromSeed(new Uint8Array(32).fill(byte));
}

/** A double with a validator of uid 0 and a miner of uid 1, which makes a block for each transaction. */
export async function smallChain(options: Partial<ChainDoubleOptions> = {}): Promise<ChainDouble> {
  const [validator, miner] = await Promise.all([hotkey(1), hotkey(2)]);
  return startChainDouble({
    metadata: '381',
    netuid: NETUID,
    sealOnSubmit: true,
    neurons: [
      { uid: 0, hotkey: validator.address, alphaRao: 1_500_000_000n, validatorPermit: true },
      { uid: 1, hotkey: miner.address, axon: { ip: 16_909_060n, port: 8091 } },
    ],
    ...options,
  });
}

/** A client of ours, with its log. */
export interface Client {
  readonly subnet: ChainSubnet;
  readonly lines: readonly LogLine[];
}

export function clientOf(network: string, netuid = NETUID, clock: Clock = systemClock): Client {
  const { log, lines } = memoryLog();
  const subnet = new ChainSubnet({ netuid, network, clock, random: () => 0, log });
  subnet.start();
  return { subnet, lines };
}

/** Waits for what sockets bring. @throws Error when it does not come within ten seconds */
export async function eventually(holds: () => boolean): Promise<void> {
  const end = performance.now() + 10_000;
  while (!holds()) {
    if (performance.now() > end) throw new Error('what was waited for did not come');
    await new Promise<void>((resolve) => {
      setTimeout(resolve, 5);
    });
  }
}
