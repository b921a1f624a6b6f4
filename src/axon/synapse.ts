import type { AdmittedNeuron } from '../auth/neuron-gate.js';
import type { SynapseHeaders } from './request-headers.js';

/** A question whose caller was let in. */
export interface SynapseRequest {
  readonly caller: AdmittedNeuron;
  readonly headers: SynapseHeaders;
  readonly body: Uint8Array;
  /** Aborted with a Refusal when the caller has gone or its time is over. */
  readonly signal: AbortSignal;
}

/** Answers one kind of synapse with the JSON of its body. */
export type SynapseHandler = (request: SynapseRequest) => Promise<Uint8Array>;

/** The synapse that every axon knows: says that somebody is there. */
export const ping: SynapseHandler = () => Promise.resolve(Buffer.from('{"name":"Synapse"}'));
