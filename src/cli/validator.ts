import type { ProxyKey, ValidatorConfig, WeightTuning } from '../config/validator.js';
import type { Hotkey } from '../domain/ids.js';
import type { Neuron } from '../domain/network-view.js';
import { findEngines } from '../engines/catalog.js';
import type { WeightSetter } from '../domain/weight-setter.js';
import { ping } from '../axon/synapse.js';
import { createChannel } from '../rpc/clients/channel.js';
import { createProxyFeed } from '../rpc/clients/proxy-feed.js';
import { secretRandom } from '../runtime/secret-random.js';
import { JudgeThread } from '../validator/judge-thread.js';
import { PollFeed } from '../validator/poll-feed.js';
import { createValidator, type WeightDeps } from '../validator/validator.js';
import { announceAxon } from './announce-axon.js';
import { openCritic } from './critic.js';
import type { Environment } from './environment.js';
import { findIdentity } from './identity.js';
import { openMinerClients } from './miner-clients.js';
import { openGate, openNeuronDoor } from './neuron-door.js';
import { keyInFile } from './key-in-file.js';
import { loadPolicy } from './policy.js';
import { hostPort, StartError } from './start-error.js';
import { openSubnet, type NeuronDoors, type Subnet } from './subnet.js';
import { reputationFile, weightFiles, type RecordPlace } from './validator-files.js';

/** Name of a validator that has no key. */
const NAMELESS = 'validator';

/** Starts a validator that is a process by itself. @throws as `startValidator` */
export async function runValidator(config: ValidatorConfig, env: Environment): Promise<void> {
  await startValidator(config, await openSubnet(config, env), env);
}

/**
 * Takes tasks from the proxy at the configured address, which may be away.
 *
 * @throws ConfigError for a bad scoring policy, StartError, Refusal
 */
export async function startValidator(
  config: ValidatorConfig,
  subnet: Subnet,
  env: Environment,
): Promise<void> {
  const { integration, validator: tuning } = config;
  const policy = loadPolicy(tuning.policyFile, '--scoring.policy');
  const fits = (neuron: Neuron) => neuron.validatorPermit;
  const key = await findIdentity({ config, subnet, fits, log: env.log });
  const holder = key?.address ?? NAMELESS;
  const log = env.log.child({ hotkey: holder });
  const critic = await openCritic(config.critic, log);
  const proxyKey = await readProxyKey(integration.key);
  const feed = createProxyFeed(createChannel(grpcAddress(integration.serverUrl), proxyKey));
  // Asked for once: what one hotkey sends goes out in turn.
  const doors = key && subnet.neuron(key);
  if (key !== undefined && doors !== undefined)
    await openAxon(config, { self: key.address, subnet, doors }, { ...env, log });
  const miners = openMinerClients(key, config.minerAddresses, env);
  const validator = createValidator({
    feed,
    polled: new PollFeed({
      baseUrl: integration.serverUrl,
      holder,
      ...(proxyKey !== undefined && { key: proxyKey }),
    }),
    miners,
    network: subnet.view,
    judges: new JudgeThread({ policy, clock: env.clock, log }),
    policy,
    reputationStore: reputationFile({ ...config, holder, log }),
    ...weightDeps(doors?.weights, { ...config, holder, log }, tuning.weights),
    ...(critic !== undefined && { critic }),
    clock: env.clock,
    random: Math.random,
    secret: secretRandom,
    findEngines,
    log,
    settings: {
      holder,
      enableProxyIntegration: integration.enabled,
      proxyServerUrl: integration.serverUrl,
      proxyCheckIntervalMs: integration.checkIntervalMs,
      ...tuning,
    },
  });
  env.lifecycle.onStop('validator', async () => {
    await validator.stop(env.graceMs / 2);
    feed.close();
    miners.close();
  });
  await validator.start();
  const { version: policy_version, hash: policy_hash } = policy;
  log.info({ proxy: integration.serverUrl, policy_version, policy_hash }, 'validator is ready');
}

async function readProxyKey(key: ProxyKey | undefined): Promise<string | undefined> {
  return key?.kind === 'file' ? keyInFile(key.file, '--proxy_key_file') : key?.text;
}

/** Without a hotkey there are no weights. */
function weightDeps(
  setter: WeightSetter | undefined,
  place: RecordPlace,
  { now, dryRun }: WeightTuning,
): { readonly weights?: WeightDeps } {
  if (setter === undefined) {
    place.log.info('no weights are set: the validator has no hotkey');
    return {};
  }
  const print = (text: string): void => {
    process.stdout.write(text);
  };
  return { weights: { setter, ledger: weightFiles(place), now, ...(dryRun && { print }) } };
}

/** A validator only says that it is there; it has no gRPC service of its own. @throws StartError */
async function openAxon(
  { axon, blacklist }: ValidatorConfig,
  { self, subnet, doors }: { readonly self: Hotkey; readonly subnet: Subnet; readonly doors: NeuronDoors },
  env: Environment,
): Promise<void> {
  const gate = await openGate(blacklist, subnet, env);
  const classic = { self, gate, synapses: new Map([['Synapse', ping]]), maxInputBytes: 0 };
  const port = await openNeuronDoor({ axon, classic, onHttp2: (socket) => socket.destroy() }, env);
  env.log.info({ address: hostPort(axon.host, port) }, 'axon is ready');
  // Where a static subnet has its neurons stands in its file.
  if (!subnet.isChain) return;
  announceAxon({ subnet, announcer: doors.announcer, axon, port, log: env.log }, env);
}

/** gRPC is served on the port of the HTTP endpoints. */
function grpcAddress(serverUrl: string): string {
  const { protocol, hostname, port } = new URL(serverUrl);
  if (protocol !== 'http:')
    throw new StartError(`--proxy_server_url ${serverUrl}: this version speaks to http:// addresses alone`);
  return hostPort(hostname.replace(/^\[|\]$/g, ''), port === '' ? 80 : Number(port));
}
