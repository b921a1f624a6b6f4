import type { ForwardRequest, MinerSynapseService } from '../../gen/ts/audiosubnet/v1/miner_synapse.js';
import { claimOf } from '../auth/call-signature.js';
import type { NeuronGate } from '../auth/neuron-gate.js';
import { Refusal } from '../domain/errors.js';
import type { Hotkey } from '../domain/ids.js';
import type { CallContext, Handlers, ReadMessage } from './call.js';
import { synapseSubject } from './synapse-digest.js';

/** What a miner that has a hotkey checks its callers by. */
export interface SynapseGate {
  readonly gate: NeuronGate;
  /** Own hotkey. */
  readonly self: Hotkey;
}

/**
 * Lets no synapse through that is not signed for this miner by somebody who may ask it. GetCapabilities stays open: it does
 * no work and tells nothing that the answers to synapses would not.
 */
export function signedMinerSynapse(
  handlers: Handlers<typeof MinerSynapseService>,
  door: SynapseGate,
): Handlers<typeof MinerSynapseService> {
  return {
    ...handlers,
    forward: (requests, sink, call) => handlers.forward(verified(requests, call, door), sink, call),
  };
}

/** A signature covers one synapse, so the stream carries no more. */
async function* verified(
  requests: AsyncIterable<ReadMessage<ForwardRequest>>,
  call: CallContext,
  { gate, self }: SynapseGate,
): AsyncGenerator<ReadMessage<ForwardRequest>> {
  let opened = false;
  for await (const request of requests) {
    const { frame } = request.message;
    if (frame?.$case === 'task') {
      if (opened) throw new Refusal('UNAUTHENTICATED', 'a signed stream carries one synapse');
      if (frame.value.inputSha256 === '')
        throw Refusal.field('task.input_sha256', 'is required: the signature covers the input through it');
      gate.admit(claimOf((key) => call.metadata(key), synapseSubject(frame.value), self));
      opened = true;
    }
    if (!opened) throw new Refusal('UNAUTHENTICATED', 'a signed stream begins with its AudioTask');
    yield request;
  }
}
