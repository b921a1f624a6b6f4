import { Refusal } from '../domain/errors.js';
import { PAYLOAD_FORMS, type TaskKind } from '../domain/task.js';
import type { MinerReply } from './ports/miner-client.js';

/** Why a miner's reply cannot be a result, whatever its worth; absent when it can. */
export function unusable(kind: TaskKind, reply: MinerReply): Refusal | undefined {
  if (PAYLOAD_FORMS[kind].output === 'text' && textOf(reply.output) === undefined)
    return new Refusal('ENGINE_FAILED', 'the reply is not UTF-8 text');
  // Silence has no words, so an empty transcript may be right.
  if (kind !== 'transcription' && reply.output.byteLength === 0)
    return new Refusal('ENGINE_FAILED', 'the reply is empty');
  return undefined;
}

/** The text of valid UTF-8. */
export function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
