import { createHash } from 'node:crypto';
import type { AudioTask } from '../../gen/ts/audiosubnet/v1/miner_synapse.js';
import type { CallSubject } from '../auth/call-signature.js';
import { MinerSynapseService } from '../../gen/ts/audiosubnet/v1/miner_synapse.js';

/**
 * What the signature of a Forward stream covers: its one AudioTask, and through `input_sha256` the input. Of the fields and
 * not of their bytes, since protobuf has several encodings of one message.
 */
export function synapseSubject(task: AudioTask): CallSubject {
  const { kind, language, inputBytes, inputSha256, deadline, voice, maxSentences } = task;
  const { seconds = 0n, nanos = 0 } = deadline ?? {};
  const fields = [kind, language, inputSha256, inputBytes, seconds, nanos, voice, maxSentences];
  return {
    method: MinerSynapseService.forward.path,
    digest: createHash('sha256')
      .update(JSON.stringify(fields.map(String)))
      .digest('hex'),
  };
}
