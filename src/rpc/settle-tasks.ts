import type {
  Settlement as ProtoSettlement,
  SettlementResult,
  SettleTasksResponse,
} from '../../gen/ts/audiosubnet/v1/validator_integration.js';
import { TaskState as ProtoTaskState } from '../../gen/ts/audiosubnet/v1/task.js';
import { Refusal, type Reason } from '../domain/errors.js';
import type { TaskId } from '../domain/ids.js';
import { MAX_SEGMENTS_LENGTH } from '../domain/limits.js';
import type { Segment, Task } from '../domain/task.js';
import type { ContentStore } from '../queue/content-store.js';
import type { Queue } from '../queue/queue.js';
import type { Settlement, SettlementOutcome, SettleOutcome } from '../queue/task-store.js';
import type { CallContext } from './call.js';
import { stateToProto } from './convert/enums.js';
import { settlementFromProto } from './convert/settlement.js';
import { refusalOr } from './refusal-or.js';
import { toRpcStatus } from './status.js';
import { isSmall, storedPayload } from './stored-payload.js';

const SEGMENTS = 'outcome.completed.result.segments';

export interface SettleDeps {
  readonly queue: Queue;
  readonly content: ContentStore;
  /** A task of whatever owner, without its payloads. */
  readonly findTask: (id: TaskId) => Promise<Pick<Task, 'owner' | 'kind'> | undefined>;
}

/** Settles what can be settled and says of each item what became of it. */
export async function settleTasks(
  deps: SettleDeps,
  settlements: readonly ProtoSettlement[],
  { itemRefusals }: CallContext,
): Promise<SettleTasksResponse> {
  const items: (Settlement | Refusal)[] = [];
  for (const [index, settlement] of settlements.entries()) {
    const item = itemRefusals.get(index) ?? refusalOr(() => readSettlement(deps, settlement));
    items.push(item instanceof Promise ? await item : item);
  }
  const valid = items.filter((item): item is Settlement => !(item instanceof Refusal));
  const outcomes = (await deps.queue.settle(valid)).values();
  return {
    results: items.map((item, index) => ({
      taskId: settlements[index]?.taskId ?? '',
      ...(item instanceof Refusal ? refused(item) : settled(item.id, outcomes.next().value)),
    })),
  };
}

/** @throws Refusal INVALID_FIELD, and what withStoredOutput rejects with */
function readSettlement(deps: SettleDeps, proto: ProtoSettlement): Settlement | Promise<Settlement> {
  const settlement = settlementFromProto(proto);
  if (settlement === undefined) throw Refusal.field('outcome', 'exactly one field is required in oneof');
  const { outcome } = settlement;
  if (outcome.kind === 'completed') checkSegments(outcome.result.segments);
  if (outcome.kind !== 'completed' || isSmall(outcome.result.output)) return settlement;
  return withStoredOutput(deps, settlement, outcome);
}

/** What the rules of single fields cannot say. @throws Refusal INVALID_FIELD */
function checkSegments(segments: readonly Segment[]): void {
  let lastMs = 0;
  let length = 0;
  for (const { startMs, endMs, text } of segments) {
    if (startMs < lastMs || endMs < startMs)
      throw Refusal.field(SEGMENTS, 'must be in order of time, each with its end after its start');
    lastMs = startMs;
    length += text.length;
  }
  if (length > MAX_SEGMENTS_LENGTH)
    throw Refusal.field(SEGMENTS, `must have at most ${MAX_SEGMENTS_LENGTH} characters in all`);
}

/** @throws Refusal TASK_NOT_FOUND, CONTENT_MISSING and those of the content store */
async function withStoredOutput(
  { content, findTask }: SettleDeps,
  settlement: Settlement,
  { kind, result }: Extract<SettlementOutcome, { kind: 'completed' }>,
): Promise<Settlement> {
  const task = await findTask(settlement.id);
  if (task === undefined) throw taskRefusal('TASK_NOT_FOUND', settlement.id);
  const output = await storedPayload(content, task.owner, result.output, 'result');
  return { ...settlement, outcome: { kind, result: { ...result, output } } };
}

type Verdict = Omit<SettlementResult, 'taskId'>;

function settled(id: TaskId, outcome: SettleOutcome | undefined): Verdict {
  switch (outcome?.kind) {
    case undefined:
      throw new Error('the queue gave too few outcomes');
    case 'settled':
      return { state: stateToProto(outcome.state) };
    case 'lease_lost':
      return { ...refused(taskRefusal('LEASE_LOST', id)), state: stateToProto(outcome.state) };
    case 'settled_differently':
      return { ...refused(taskRefusal('SETTLED_DIFFERENTLY', id)), state: stateToProto(outcome.state) };
    case 'content_missing':
      return { ...refused(taskRefusal('CONTENT_MISSING', id)), state: stateToProto(outcome.state) };
    case 'not_found':
      return refused(taskRefusal('TASK_NOT_FOUND', id));
  }
}

function refused(refusal: Refusal): Verdict {
  return { error: toRpcStatus(refusal), state: ProtoTaskState.UNSPECIFIED };
}

const MESSAGES = {
  TASK_NOT_FOUND: 'there is no such task',
  LEASE_LOST: 'the token is not the current lease of the task',
  SETTLED_DIFFERENTLY: 'the lease was settled before with another outcome',
  CONTENT_MISSING: 'the content of the result is not there; upload it first',
} as const satisfies Partial<Record<Reason, string>>;

function taskRefusal(reason: keyof typeof MESSAGES, id: TaskId): Refusal {
  return new Refusal(reason, MESSAGES[reason], { metadata: { task_id: id } });
}
