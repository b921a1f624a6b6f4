import type { ListenConfig } from '../config/sections.js';
import type { UpConfig } from '../config/up.js';
import { findEngines } from '../engines/catalog.js';
import { loadContract } from '../rpc/contract.js';
import type { Environment } from './environment.js';
import { logMissing, startMiner } from './miner.js';
import { startProxy } from './proxy.js';
import { StartError } from './start-error.js';
import { openSubnet, ownNeurons, type Subnet } from './subnet.js';
import { startValidator } from './validator.js';
import { welcome } from './welcome.js';

/** Voices of the miners in turn, so that their replies differ; one without that voice uses its own. */
const VOICES = ['slt', 'rms', 'awb'] as const;

/** Starts proxy, miners and validator of the static subnet; they talk over loopback as over a network. */
export async function startUp(config: UpConfig, env: Environment): Promise<string> {
  if (config.subnet.network.kind === 'chain')
    throw new StartError(
      `--subtensor.network ${config.subnet.network.name}: up runs a static subnet alone; ` +
        'leave the flag out, or start proxy, validator and miner each by itself',
    );
  const subnet = await openSubnet(config, env);
  const catalog = await findEngines();
  logMissing(catalog, env);
  const contract = loadContract();
  const { addresses, keyring } = await startProxy(config, { subnet, contract }, env);
  const miners = (await ownNeurons(subnet)).filter((neuron) => !neuron.validatorPermit);
  const started: string[] = [];
  for (const [place, { uid, axon }] of miners.entries()) {
    if (axon === undefined) continue;
    const voice = config.miner.voice ?? VOICES[place % VOICES.length] ?? VOICES[0];
    const miner = {
      ...config,
      wallet: { path: subnet.walletsDir },
      axon: { host: axon.ip, port: axon.port, external: {} },
      miner: { ...config.miner, voice },
    };
    started.push(
      await startMiner(
        miner,
        { contract, catalog, subnet },
        { ...env, log: env.log.child({ miner: uid }) },
      ).catch((error: unknown) => {
        if (!(error instanceof StartError)) throw error;
        throw new StartError(`miner ${uid}: ${error.message}, or change its port in ${subnet.source}`, {
          cause: error,
        });
      }),
    );
  }
  const validator = {
    ...config,
    wallet: { path: subnet.walletsDir },
    axon: { ...(await validatorAxon(subnet)), external: {} },
    integration: {
      enabled: true,
      serverUrl: `http://${addresses.http}`,
      key: { kind: 'text', text: keyring.lend('up', ['validate']) } as const,
      checkIntervalMs: config.checkIntervalMs,
    },
  };
  await startValidator(validator, subnet, { ...env, log: env.log.child({ validator: true }) });
  return welcome({
    addresses,
    miners: started,
    catalog,
    servesAnonymous: keyring.anonymousMay !== undefined,
  });
}

/** Where the subnet's validator serves; a free port when it announced none. */
async function validatorAxon(subnet: Subnet): Promise<ListenConfig> {
  const { axon } = (await ownNeurons(subnet)).find((neuron) => neuron.validatorPermit) ?? {};
  return axon === undefined ? { host: '127.0.0.1', port: 0 } : { host: axon.ip, port: axon.port };
}
