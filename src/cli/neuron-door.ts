import type { AxonConfig, BlacklistConfig } from '../config/sections.js';
import { NeuronGate } from '../auth/neuron-gate.js';
import { createAxon } from '../axon/axon.js';
import type { SynapseHandler } from '../axon/synapse.js';
import type { Hotkey } from '../domain/ids.js';
import { createFrontDoor, type OnConnection } from '../runtime/front-door.js';
import { signaturesReady } from '../wallet/sign.js';
import type { Environment } from './environment.js';
import { hostPort, listenError } from './start-error.js';
import type { Subnet } from './subnet.js';

/** Beside its input, what the body of a question has. */
const BODY_ROOM_BYTES = 64 * 1024;

/** The one who decides whom a neuron answers, the same on both wires. */
export async function openGate(
  rules: BlacklistConfig,
  subnet: Subnet,
  { clock }: Environment,
): Promise<NeuronGate> {
  await signaturesReady();
  return new NeuronGate({ rules, network: subnet.view, clock });
}

export interface NeuronDoor {
  readonly axon: AxonConfig;
  /** What the classic wire needs; without a hotkey nobody can ask over it. */
  readonly classic?: {
    readonly self: Hotkey;
    readonly gate: NeuronGate;
    readonly synapses: ReadonlyMap<string, SynapseHandler>;
    /** Of audio or text, before base64. */
    readonly maxInputBytes: number;
  };
  readonly onHttp2: OnConnection;
}

/** Opens the port that a neuron announces, for both wires. @returns the port @throws StartError */
export async function openNeuronDoor(door: NeuronDoor, env: Environment): Promise<number> {
  const { clock, log, lifecycle, graceMs } = env;
  const { axon: at, classic, onHttp2 } = door;
  const axon =
    classic &&
    createAxon({
      ...classic,
      maxBodyBytes: Math.ceil((classic.maxInputBytes * 4) / 3) + BODY_ROOM_BYTES,
      clock,
      log,
    });
  const front = createFrontDoor({
    onHttp1: axon?.serve ?? ((socket) => socket.destroy()),
    onHttp2,
    log,
    clock,
  });
  try {
    const { port } = await front.listen({ host: at.host, port: at.port });
    lifecycle.onStop(`axon ${port}`, async () => {
      await Promise.all([front.close(graceMs / 2), axon?.close(graceMs / 2)]);
    });
    return port;
  } catch (error) {
    throw listenError(error, hostPort(at.host, at.port), 'choose another one with --axon.ip and --axon.port');
  }
}
