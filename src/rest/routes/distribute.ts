import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import {
  ClaimTasksRequest,
  Settlement,
  type LeasedTask,
} from '../../../gen/ts/audiosubnet/v1/validator_integration.js';
import { Refusal } from '../../domain/errors.js';
import { readFields } from '../carriers/read-fields.js';
import { CALL_MS, type BridgeClients } from '../clients.js';
import type { ClientsOf } from '../clients-of.js';
import { payloadBytes } from '../content.js';
import { refusedIn } from '../field-names.js';
import { goneSignal } from '../gone-signal.js';
import { distribute } from '../schemas/validator.js';
import {
  distributeAnswer,
  handedOutTask,
  type DistributeAnswer,
  type HandedOutTask,
} from '../shapes/distribute.js';

const DEFAULT_LIMIT = 10;
/** Input that one answer carries at most, before base64; one task is always handed out. */
const MAX_INPUT_BYTES = 32n * 1024n * 1024n;

/** Hands tasks to validators that cannot stream. GET does the same, for callers of old that use it. */
export function addDistributeRoutes(app: FastifyInstance, clientsOf: ClientsOf): void {
  const handler = (request: FastifyRequest, reply: FastifyReply) =>
    handOut(clientsOf(request), request, reply);
  app.post('/api/v1/validator/distribute', { schema: distribute }, handler);
  app.get('/api/v1/validator/distribute', { schema: distribute }, handler);
}

async function handOut(
  clients: BridgeClients,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<DistributeAnswer> {
  const signal = goneSignal(reply);
  const fields = await readFields(request);
  const claim = ClaimTasksRequest.create({
    handOut: true,
    maxTasks: fields.integer('limit', 1) ?? DEFAULT_LIMIT,
    maxInputBytes: MAX_INPUT_BYTES,
    validatorHotkey: fields.text('validator_hotkey') ?? '',
  });
  fields.check();
  const { tasks } = await clients.validators
    .claimTasks(claim, { signal, deadlineMs: CALL_MS })
    .catch(refusedIn(fields));
  try {
    return distributeAnswer(await withInputs(clients, tasks, signal));
  } catch (error) {
    await giveBack(clients, tasks);
    throw error;
  }
}

/** One after the other, so that one input at a time is in flight. */
async function withInputs(
  clients: BridgeClients,
  tasks: readonly LeasedTask[],
  signal: AbortSignal,
): Promise<readonly HandedOutTask[]> {
  const handedOut: HandedOutTask[] = [];
  for (const task of tasks) {
    const input = await inputOf(clients, task, signal);
    if (input !== undefined) handedOut.push(handedOutTask(task, input));
  }
  return handedOut;
}

/** Base64; undefined when the task was cancelled or deleted meanwhile. */
async function inputOf(
  { content }: BridgeClients,
  { input, leaseToken }: LeasedTask,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (input?.payload === undefined) throw new Refusal('INTERNAL', 'a leased task has no input');
  try {
    const bytes = await payloadBytes(input.payload, { client: content, leaseToken, signal });
    return bytes.toString('base64');
  } catch (error) {
    if (error instanceof Refusal && (error.reason === 'LEASE_LOST' || error.reason === 'CONTENT_NOT_FOUND')) {
      return undefined;
    }
    throw error;
  }
}

/** The caller gets none of them, so others shall have them before the leases run out by themselves. */
async function giveBack({ validators }: BridgeClients, tasks: readonly LeasedTask[]): Promise<void> {
  if (tasks.length === 0) return;
  const settlements = tasks.map(({ taskId, leaseToken }) =>
    Settlement.fromPartial({
      taskId,
      leaseToken,
      outcome: { $case: 'released', value: { reason: 'the hand-out did not reach its caller' } },
    }),
  );
  await validators.settleTasks({ settlements }, { deadlineMs: CALL_MS }).catch(() => undefined);
}
