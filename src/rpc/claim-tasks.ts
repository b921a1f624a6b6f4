import type {
  ClaimTasksRequest,
  ClaimTasksResponse,
} from '../../gen/ts/audiosubnet/v1/validator_integration.js';
import type { Caller } from '../auth/identify.js';
import type { Owner, SessionId } from '../domain/ids.js';
import { MAX_INLINE_BYTES } from '../domain/limits.js';
import type { ClaimByCall, Queue } from '../queue/queue.js';
import type { LeasedTask } from '../queue/task-store.js';
import { defined, textOrAbsent } from './convert/defined.js';
import { leasedTaskToProto } from './convert/lease.js';
import { msFromDuration } from './convert/time.js';
import { inlineBytes, wantedKinds } from './watch-pending-tasks.js';

const MAX_TASKS = 100;
/** Inline input of one answer, well below what a message may hold. */
const MAX_INLINE_INPUT = 3 * 1024 * 1024;

type ClaimQueue = Pick<Queue, 'claim' | 'settle'>;

/** What the rounds of a call brought so far. */
interface Claimed {
  readonly owner: Owner;
  session: SessionId | undefined;
  readonly tasks: LeasedTask[];
}

/** Leases by one call; the tasks of one that fails or whose caller left go back at once. */
export async function claimTasks(
  queue: ClaimQueue,
  request: ClaimTasksRequest,
  { signal, caller }: { readonly signal: AbortSignal; readonly caller: Pick<Caller, 'owner'> },
): Promise<ClaimTasksResponse> {
  const claimed: Claimed = {
    owner: caller.owner,
    session: textOrAbsent(request.sessionId) as SessionId | undefined,
    tasks: [],
  };
  try {
    await claimInRounds(queue, request, claimed, signal);
    signal.throwIfAborted();
  } catch (error) {
    await giveBack(queue, claimed.tasks, 'the claim did not reach its caller');
    throw error;
  }
  return { sessionId: claimed.session ?? '', tasks: claimed.tasks.map(leasedTaskToProto) };
}

/**
 * Claims in rounds, each so small that it fits into the answer whatever the size of its inputs: a
 * claim cannot be cut afterwards. Only the first one waits.
 */
async function claimInRounds(
  queue: ClaimQueue,
  request: ClaimTasksRequest,
  claimed: Claimed,
  signal: AbortSignal,
): Promise<void> {
  const { tasks } = claimed;
  for (;;) {
    const round = nextRound(request, tasks);
    if (round === undefined) return;
    const next = await queue.claim({
      owner: claimed.owner,
      holder: request.validatorHotkey,
      kinds: wantedKinds(request),
      handOut: request.handOut,
      signal,
      ...round,
      ...defined({ session: claimed.session }),
    });
    claimed.session = next.session;
    // The first task of a claim comes however large it is; in a later round that may be too much.
    if (tasks.length > 0 && inputSize(next.tasks) > (round.maxInputBytes ?? Infinity)) {
      await giveBack(queue, next.tasks, 'more input than was asked for');
      return;
    }
    tasks.push(...next.tasks);
    if (next.tasks.length < round.limit) return;
  }
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

async function giveBack(queue: ClaimQueue, tasks: readonly LeasedTask[], reason: string): Promise<void> {
  if (tasks.length === 0) return;
  const outcome = { kind: 'released', reason } as const;
  await queue.settle(tasks.map(({ id, token }) => ({ id, token, outcome, responses: [] })));
}

function inputSize(tasks: readonly LeasedTask[]): number {
  return tasks.reduce((sum, { input }) => sum + input.payloadBytes, 0);
}
