import type { MinerSynapseService } from '../../gen/ts/audiosubnet/v1/miner_synapse.js';
import type { Miner } from '../miner/ports.js';
import type { Clock } from '../runtime/clock.js';
import type { Handlers } from './call.js';
import { capabilitiesToProto } from './convert/synapse.js';
import { forward } from './forward.js';

export interface MinerSynapseDeps {
  readonly miner: Miner;
  readonly clock: Clock;
}

export function createMinerSynapse(deps: MinerSynapseDeps): Handlers<typeof MinerSynapseService> {
  return {
    async getCapabilities() {
      return capabilitiesToProto(await deps.miner.capabilities());
    },

    forward: (requests, sink, call) => forward(deps, requests, sink, call),
  };
}
