import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { hotkeyPath } from '../wallet/find-hotkey.js';
import { ensureHotkeyFile, writeNewFile } from '../wallet/hotkey-file.js';
import type { StaticSubnetJson } from './static-subnet-file.js';

/** Wallet that holds the keys of the static subnet. */
const WALLET = 'static';
const VALIDATOR_PORT = 8092;
const DEFAULT_MINER_PORTS: readonly number[] = [8091, 8093, 8094];
/** TAO. */
const VALIDATOR_STAKE = 1000;
const MINER_STAKE = 100;

export interface StaticSubnetPlan {
  readonly netuid: number;
  /** One miner each, on loopback. */
  readonly minerPorts?: readonly number[];
  readonly validatorPort?: number;
}

export interface EnsuredSubnet {
  readonly file: string;
  readonly walletsDir: string;
  /** Whether this call wrote the file. */
  readonly created: boolean;
}

/**
 * Writes `<dataDir>/subnet.json` with fresh keys under `<dataDir>/wallets/static/hotkeys`, unless it is there.
 * Processes that do this at the same time end up with the same keys and one file: whoever links a name first wins.
 */
export async function ensureStaticSubnet(dataDir: string, plan: StaticSubnetPlan): Promise<EnsuredSubnet> {
  const file = join(dataDir, 'subnet.json');
  const walletsDir = join(dataDir, 'wallets');
  if (await isThere(file)) return { file, walletsDir, created: false };
  const json = await subnetOf(walletsDir, plan);
  try {
    await writeNewFile(file, `${JSON.stringify(json, null, 2)}\n`);
    return { file, walletsDir, created: true };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return { file, walletsDir, created: false };
  }
}

async function subnetOf(walletsDir: string, plan: StaticSubnetPlan): Promise<StaticSubnetJson> {
  const neuron = async (
    uid: number,
    hotkey: string,
    port: number,
  ): Promise<StaticSubnetJson['neurons'][number]> => ({
    uid,
    hotkey: (await ensureHotkeyFile(hotkeyPath(walletsDir, { wallet: WALLET, hotkey }))).address,
    stake: uid === 0 ? VALIDATOR_STAKE : MINER_STAKE,
    validator_permit: uid === 0,
    axon: { ip: '127.0.0.1', port },
  });
  const minerPorts = plan.minerPorts ?? DEFAULT_MINER_PORTS;
  return {
    netuid: plan.netuid,
    network: 'static',
    neurons: await Promise.all([
      neuron(0, 'validator', plan.validatorPort ?? VALIDATOR_PORT),
      ...minerPorts.map((port, index) => neuron(index + 1, `miner${index + 1}`, port)),
    ]),
  };
}

async function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
