import type { MinerConfig } from '../config/miner.js';
import type { Neuron } from '../domain/network-view.js';
import type { EngineCatalog } from '../engines/engine.js';
import { createMiner } from '../miner/miner.js';
import type { Contract } from '../rpc/contract.js';
import { createMinerServer } from '../rpc/server.js';
import { announceAxon } from './announce-axon.js';
import type { Environment } from './environment.js';
import { findIdentity } from './identity.js';
import { hostPort, listenError } from './start-error.js';
import type { Subnet } from './subnet.js';
import { VERSION } from './version.js';

/** What a miner needs beside its configuration; what is costly to make is shared among several. */
export interface MinerParts {
  readonly contract: Contract;
  readonly catalog: EngineCatalog;
  readonly subnet: Subnet;
}

/** Serves MinerSynapse at the axon's address. @returns the address @throws StartError */
export async function startMiner(config: MinerConfig, parts: MinerParts, env: Environment): Promise<string> {
  const { axon, limits, miner: tuning } = config;
  const fits = (neuron: Neuron) => !neuron.validatorPermit && neuron.axon?.port === axon.port;
  const key = await findIdentity({ config, subnet: parts.subnet, fits, log: env.log });
  const hotkey = key?.address;
  const log = env.log.child({ hotkey: hotkey ?? '' });
  if (hotkey === undefined)
    log.warn(
      { file: parts.subnet.source, port: axon.port },
      'no miner of the subnet serves at this port with a key of ours: validators will not find this miner',
    );
  const miner = createMiner({
    catalog: parts.catalog,
    maxSlots: tuning.maxSlots,
    maxInputBytes: limits.maxAudioBytes,
    maxInputSetting: '--limits.max_audio_bytes',
    hotkey: hotkey ?? '',
    version: VERSION,
    ...(tuning.voice !== undefined && { voice: tuning.voice }),
  });
  const server = createMinerServer({ contract: parts.contract, miner, clock: env.clock, log });
  const address = hostPort(axon.host, axon.port);
  try {
    const port = await server.bind(address);
    env.lifecycle.onStop(`miner ${port}`, () => server.shutdown(env.graceMs / 2));
    log.info({ address: hostPort(axon.host, port) }, 'miner is ready');
    if (key !== undefined)
      announceAxon(
        { subnet: parts.subnet, announcer: parts.subnet.neuron(key).announcer, axon, port, log },
        env,
      );
    return hostPort(axon.host, port);
  } catch (error) {
    throw listenError(error, address, 'choose another one with --axon.ip and --axon.port');
  }
}

/** Says what this machine cannot do and what to install. */
export function logMissing({ missing }: EngineCatalog, { log }: Environment): void {
  for (const { kind, name, cure } of missing) log.warn({ kind, engine: name }, `missing engine: ${cure}`);
}
