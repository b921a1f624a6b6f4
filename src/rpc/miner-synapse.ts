import type { MinerSynapseService } from '../../gen/ts/audiosubnet/v1/miner_synapse.js';
import type { Miner } from '../miner/ports.js';
import type { Clock } from '../runtime/clock.js';
import type { Handlers } from './call.js';
import { capabilitiesToProto } from './convert/synapse.js';
import { forward } from './forward.js';
import { signedMinerSynapse, type SynapseGate } from './signed-synapse.js';

export interface MinerSynapseDeps {
  readonly miner: Miner;
  readonly clock: Clock;
  /** Absent for a miner without a hotkey, which cannot tell what is signed for it. */
  readonly door?: SynapseGate;
}

export function createMinerSynapse(deps: MinerSynapseDeps): Handlers<typeof MinerSynapseService> {
  const handlers: Handlers<typeof MinerSynapseService> = {
    async getCapabilities() {
      return capabilitiesToProto(await deps.miner.capabilities());
    },

    forward: (requests, sink, call) => forward(deps, requests, sink, call),
  };
  return deps.door === undefined ? handlers : signedMinerSynapse(handlers, deps.door);
}
