import { createHash } from 'node:crypto';
import type { ClientDuplexStream } from '@grpc/grpc-js';
import type { ForwardRequest, ForwardResponse } from '../../../gen/ts/audiosubnet/v1/miner_synapse.js';
import { CHUNK_BYTES } from '../../domain/limits.js';
import type { Turns } from '../../runtime/turns.js';
import type { AudioTask } from '../../validator/ports/miner-client.js';
import { kindToProto } from '../convert/enums.js';
import { durationFromMs } from '../convert/time.js';

/** Hashed in one turn of the event loop; takes 3 to 10 ms. */
const HASHED_BYTES = 4 * 1024 * 1024;

type Frame = NonNullable<ForwardRequest['frame']>;
export type SynapseHeader = Extract<Frame, { $case: 'task' }>['value'];

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
export async function synapseHeader(task: AudioTask, turns: Turns): Promise<SynapseHeader> {
  return {
    kind: kindToProto(task.kind),
    language: task.language,
    inputBytes: BigInt(task.input.byteLength),
    inputSha256: await digestOf(task.input, turns),
    deadline: durationFromMs(task.deadlineMs),
    voice: task.voice ?? '',
    maxSentences: task.maxSentences ?? 0,
  };
}

/** SHA-256 in hexadecimal, over several turns of the event loop for a large input. */
async function digestOf(input: Uint8Array, turns: Turns): Promise<string> {
  const hash = createHash('sha256');
  for (let at = 0; at < input.byteLength; at += HASHED_BYTES) {
    if (at > 0) await turns.next();
    hash.update(input.subarray(at, at + HASHED_BYTES));
  }
  return hash.digest('hex');
}
