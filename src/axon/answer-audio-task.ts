import { aborted } from '../runtime/aborted.js';
import type { CodecThread } from './codec-thread.js';
import type { SlotLine } from './slot-line.js';
import type { SynapseHandler } from './synapse.js';

/** Serves `AudioTask` by a miner; whoever finds all slots taken waits in line by stake. */
export function answerAudioTask(line: SlotLine, codec: CodecThread): SynapseHandler {
  return async ({ caller, headers, body, signal }) => {
    const question = await codec.readQuestion(body, headers.bodyHash);
    const { kind, language, input } = question;
    const header = { kind, language, inputBytes: input.byteLength, deadlineMs: headers.timeoutMs };
    const admitted = await line.admit(header, { stake: caller.stake, signal });
    const work = admitted.forward(input, { signal, onProgress: () => undefined });
    // The slot is free when the engine really stopped, which may be after the answer.
    const release = (): void => admitted.release();
    work.then(release, release);
    const { output, model, processingMs } = await Promise.race([work, aborted(signal)]);
    return codec.writeReply(question, { output, model, processingMs });
  };
}
