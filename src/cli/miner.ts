import type { MinerConfig } from '../config/miner.js';
import { answerAudioTask } from '../axon/answer-audio-task.js';
import { CodecThread } from '../axon/codec-thread.js';
import { SlotLine } from '../axon/slot-line.js';
import { ping } from '../axon/synapse.js';
import type { Neuron } from '../domain/network-view.js';
import { findEngines } from '../engines/catalog.js';
import type { EngineCatalog } from '../engines/engine.js';
import { createMiner } from '../miner/miner.js';
import { loadContract, type Contract } from '../rpc/contract.js';
import { createMinerServer } from '../rpc/server.js';
import { announceAxon } from './announce-axon.js';
import type { Environment } from './environment.js';
import { findIdentity } from './identity.js';
import { openGate, openNeuronDoor } from './neuron-door.js';
import { hostPort } from './start-error.js';
import { openSubnet, type Subnet } from './subnet.js';
import { VERSION } from './version.js';

/** What a miner needs beside its configuration; what is costly to make is shared among several. */
export interface MinerParts {
  readonly contract: Contract;
  readonly catalog: EngineCatalog;
  readonly subnet: Subnet;
}

/** Starts a miner that is a process by itself. @throws StartError */
export async function runMiner(config: MinerConfig, env: Environment): Promise<void> {
  const catalog = await findEngines();
  logMissing(catalog, env);
  const subnet = await openSubnet(config, env);
  await startMiner(config, { contract: loadContract(), catalog, subnet }, env);
}

/** Serves MinerSynapse and the classic axon at the axon's address. @returns the address @throws StartError */
export async function startMiner(config: MinerConfig, parts: MinerParts, env: Environment): Promise<string> {
  const { axon, limits, miner: tuning, blacklist } = config;
  const { subnet, catalog, contract } = parts;
  const fits = (neuron: Neuron) => !neuron.validatorPermit && neuron.axon?.port === axon.port;
  const key = await findIdentity({ config, subnet, fits, log: env.log });
  const log = env.log.child({ hotkey: key?.address ?? '' });
  if (key === undefined)
    log.warn(
      { file: subnet.source, port: axon.port },
      'no miner of the subnet serves at this port with a key of ours: validators will not find this miner',
    );
  const line = new SlotLine(
    createMiner({
      catalog,
      maxSlots: tuning.maxSlots,
      maxInputBytes: limits.maxAudioBytes,
      maxInputSetting: '--limits.max_audio_bytes',
      hotkey: key?.address ?? '',
      version: VERSION,
      ...(tuning.voice !== undefined && { voice: tuning.voice }),
    }),
  );
  const door = key && { self: key.address, gate: await openGate(blacklist, subnet, env) };
  const { miner } = line;
  const server = createMinerServer({ contract, miner, clock: env.clock, log, ...(door && { door }) });
  const codec = new CodecThread();
  env.lifecycle.onStop('codec', () => codec.close());
  const synapses = new Map([
    ['AudioTask', answerAudioTask(line, codec)],
    ['Synapse', ping],
  ]);
  const port = await openNeuronDoor(
    {
      axon,
      ...(door && { classic: { ...door, synapses, maxInputBytes: limits.maxAudioBytes } }),
      onHttp2: (socket) => {
        server.injector.injectConnection(socket);
      },
    },
    { ...env, log },
  );
  const address = hostPort(axon.host, port);
  env.lifecycle.onStop(`miner ${address}`, () => server.shutdown(env.graceMs / 2));
  log.info({ address }, 'miner is ready');
  if (key !== undefined)
    announceAxon({ subnet, announcer: subnet.neuron(key).announcer, axon, port, log }, env);
  return address;
}

/** Says what this machine cannot do and what to install. */
export function logMissing({ missing }: EngineCatalog, { log }: Environment): void {
  for (const { kind, name, cure } of missing) log.warn({ kind, engine: name }, `missing engine: ${cure}`);
}
