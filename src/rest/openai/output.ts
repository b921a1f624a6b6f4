import type { TaskResult } from '../../../gen/ts/audiosubnet/v1/task.js';
import type { BridgeClients } from '../clients.js';
import { payloadBytes } from '../content.js';
import { present } from '../present.js';

/** The bytes of a result: text in UTF-8, or encoded speech. */
export function outputOf(
  { output }: TaskResult,
  { content: client }: BridgeClients,
  signal: AbortSignal,
): Promise<Buffer> {
  return payloadBytes(present(output, 'output'), { client, signal });
}
