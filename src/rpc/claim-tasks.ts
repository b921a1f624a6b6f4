import type {
  ClaimTasksRequest,
  ClaimTasksResponse,
} from '../../gen/ts/audiosubnet/v1/validator_integration.js';
import type { SessionId } from '../domain/ids.js';
import { MAX_INLINE_BYTES } from '../domain/limits.js';
import type { ClaimByCall, ClaimedByCall, Queue } from '../queue/queue.js';
import type { LeasedTask } from '../queue/task-store.js';
import type { CallContext } from './call.js';
import { defined, textOrAbsent } from './convert/defined.js';
import { leasedTaskToProto } from './convert/lease.js';
import { msFromDuration } from './convert/time.js';
import { inlineBytes, wantedKinds } from './watch-pending-tasks.js';

const MAX_TASKS = 100;
/** Inline input of one answer, well below what a message may hold. */
const MAX_INLINE_INPUT = 3 * 1024 * 1024;

/**
 * Claims in rounds, each so small that it fits into the answer whatever the size of its inputs: a
 * claim cannot be cut afterwards. Only the first one waits.
 */
export async function claimTasks(
  queue: Queue,
  request: ClaimTasksRequest,
  { signal }: CallContext,
): Promise<ClaimTasksResponse> {
  const tasks: LeasedTask[] = [];
  let session = textOrAbsent(request.sessionId) as SessionId | undefined;
  for (;;) {
    const round = nextRound(request, tasks);
    if (round === undefined) break;
    const claimed: ClaimedByCall = await queue.claim({
      holder: request.validatorHotkey,
      kinds: wantedKinds(request),
      handOut: request.handOut,
      signal,
      ...round,
      ...defined({ session }),
    });
    session = claimed.session;
    if (tasks.length > 0 && inputSize(claimed.tasks) > (round.maxInputBytes ?? Infinity)) {
      await giveBack(queue, claimed.tasks);
      break;
    }
    tasks.push(...claimed.tasks);
    if (claimed.tasks.length < round.limit) break;
  }
  return { sessionId: session ?? '', tasks: tasks.map(leasedTaskToProto) };
}

type Round = Pick<ClaimByCall, 'limit' | 'waitMs' | 'maxInputBytes'>;

/** Undefined when enough was claimed. */
function nextRound(request: ClaimTasksRequest, tasks: readonly LeasedTask[]): Round | undefined {
  const wanted = Math.min(request.maxTasks === 0 ? 1 : request.maxTasks, MAX_TASKS) - tasks.length;
  const inline = tasks.reduce((sum, task) => sum + inlineBytes(task), 0);
  const limit = Math.min(wanted, Math.floor((MAX_INLINE_INPUT - inline) / MAX_INLINE_BYTES));
  const maxInputBytes =
    request.maxInputBytes === 0n ? undefined : Number(request.maxInputBytes) - inputSize(tasks);
  if (limit <= 0 || (maxInputBytes ?? 1) <= 0) return undefined;
  const waitMs = tasks.length === 0 && request.wait ? msFromDuration(request.wait) : 0;
  return { limit, waitMs, ...defined({ maxInputBytes }) };
}

/** The first task of a claim comes however large it is; in a later round that may be too much. */
async function giveBack(queue: Queue, tasks: readonly LeasedTask[]): Promise<void> {
  const outcome = { kind: 'released', reason: 'more input than was asked for' } as const;
  await queue.settle(tasks.map(({ id, token }) => ({ id, token, outcome, responses: [] })));
}

function inputSize(tasks: readonly LeasedTask[]): number {
  return tasks.reduce((sum, { input }) => sum + input.payloadBytes, 0);
}
