import type { Task as ProtoTask } from '../../gen/ts/audiosubnet/v1/task.js';
import { Refusal } from '../domain/errors.js';
import type { Payload } from '../domain/task.js';
import { resultFromProto } from '../rpc/convert/result.js';
import type { Result } from './result.js';
import type { Task } from './task.js';

/** @param bytesOf fetches an output that is kept as content */
export async function resultOf(
  proto: ProtoTask,
  task: Task,
  bytesOf: (sha256: string) => Promise<Uint8Array>,
): Promise<Result> {
  const result = proto.result && resultFromProto(proto.result);
  if (result === undefined) throw new Refusal('INTERNAL', `the completed task ${task.id} has no result`);
  const { output, ...rest } = result;
  const bytes = await outputBytes(output, bytesOf);
  return task.kind === 'tts'
    ? { kind: 'audio', task, audio: bytes, ...rest }
    : { kind: 'text', task, text: new TextDecoder().decode(bytes), ...rest };
}

function outputBytes(output: Payload, bytesOf: (sha256: string) => Promise<Uint8Array>): Promise<Uint8Array> {
  return output.kind === 'inline' ? Promise.resolve(output.bytes) : bytesOf(output.sha256);
}
