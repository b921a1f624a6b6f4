import { createHash } from 'node:crypto';
import type { ClientDuplexStream } from '@grpc/grpc-js';
import type { ForwardRequest, ForwardResponse } from '../../../gen/ts/audiosubnet/v1/miner_synapse.js';
import { CHUNK_BYTES } from '../../domain/limits.js';
import type { AudioTask } from '../../validator/ports/miner-client.js';
import { kindToProto } from '../convert/enums.js';
import { durationFromMs } from '../convert/time.js';

type Frame = NonNullable<ForwardRequest['frame']>;
type SynapseHeader = Extract<Frame, { $case: 'task' }>['value'];

export interface SynapseQuestion {
  readonly synapseId: string;
  readonly header: SynapseHeader;
  readonly input: Uint8Array;
}

/** Sends a question no faster than the miner takes it, and no further once the call is over. Never rejects. */
export async function sendSynapse(
  call: ClientDuplexStream<ForwardRequest, ForwardResponse>,
  { synapseId, header, input: bytes }: SynapseQuestion,
): Promise<void> {
  let over = false;
  const ended = new Promise<void>((resolve) => {
    for (const event of ['error', 'end', 'close', 'status']) call.once(event, resolve);
  }).then(() => {
    over = true;
  });
  const write = async (frame: Frame): Promise<void> => {
    if (call.write({ synapseId, frame })) return;
    await Promise.race([new Promise<void>((resolve) => call.once('drain', resolve)), ended]);
  };
  await write({ $case: 'task', value: header });
  const input = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < input.length && !isOver(); at += CHUNK_BYTES) {
    const data = input.subarray(at, at + CHUNK_BYTES);
    await write({ $case: 'input', value: { data, last: at + CHUNK_BYTES >= input.length } });
  }
  if (!isOver()) call.end();

  /** Asked anew after each wait. */
  function isOver(): boolean {
    return over;
  }
}

/** The opening frame of a question. */
export function synapseHeader(task: AudioTask): SynapseHeader {
  return {
    kind: kindToProto(task.kind),
    language: task.language,
    inputBytes: BigInt(task.input.byteLength),
    inputSha256: createHash('sha256').update(task.input).digest('hex'),
    deadline: durationFromMs(task.deadlineMs),
    voice: task.voice ?? '',
    maxSentences: task.maxSentences ?? 0,
  };
}
