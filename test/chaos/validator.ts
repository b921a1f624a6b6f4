import { randomBytes } from 'node:crypto';
import {
  Settlement as ProtoSettlement,
  type LeasedTask,
  type WatchPendingTasksResponse,
} from '../../gen/ts/audiosubnet/v1/validator_integration.js';
import type { LeaseToken, SessionId, TaskId } from '../../src/domain/ids.js';
import {
  createValidatorIntegrationClient,
  type ValidatorIntegrationClient,
} from '../../src/rpc/clients/task-clients.js';
import { stateFromProto } from '../../src/rpc/convert/enums.js';
import { fromRpcStatus } from '../../src/rpc/status.js';
import { seeded } from '../unit/score/seeded.js';
import { chaosChannel, patient, pause } from './chaos-channel.js';
import { digestOf, lineWriter } from './history-lines.js';
import { History, type SettlementKind } from './history.js';
import { outcomeOf } from './outcome-of.js';

/** What a scripted validator is told on its command line, as JSON. */
export interface ValidatorScript {
  readonly name: string;
  readonly address: string;
  readonly seed: number;
  readonly maxInFlight: number;
  /** File of the history. */
  readonly history: string;
}

const HEARTBEAT_MS = 60;
const RETRY_MS = 50;
const MAX_BATCH = 64;
/** Tries of a settle whose outcome stays unknown. */
const MAX_TRIES = 40;
/** Above the size that is kept inline. */
const LARGE_BYTES = 70_000;

/** One thing to say about a lease. */
interface Plan {
  readonly task: Pick<LeasedTask, 'taskId' | 'leaseToken'>;
  readonly settlement: SettlementKind;
  /** Makes the words of the outcome unique. */
  readonly words: string;
  readonly tries: number;
}

/** A validator that works in milliseconds, keeps no promise and writes down all that happens to it. */
class ScriptedValidator {
  readonly #script: ValidatorScript;
  readonly #client: ValidatorIntegrationClient;
  readonly #history: History;
  readonly #random: () => number;
  readonly #stopping = new AbortController();
  /** Leases that heartbeats name. */
  readonly #held = new Set<LeaseToken>();
  #session: SessionId | undefined;
  #lastSequence = 0n;
  #due: Plan[] = [];
  #settling = 0;

  constructor(script: ValidatorScript) {
    this.#script = script;
    this.#client = createValidatorIntegrationClient(chaosChannel(script.address));
    this.#history = new History(lineWriter(script.history));
    this.#random = seeded(script.seed);
  }

  async run(): Promise<void> {
    const heartbeats = this.#heartbeats();
    while (!this.#stopping.signal.aborted) {
      await this.#stream();
      await pause(RETRY_MS);
    }
    await heartbeats;
    while (this.#settling > 0) await pause(RETRY_MS);
    this.#client.close();
  }

  /** Closes the stream and answers what it began. */
  stop(): void {
    this.#stopping.abort();
  }

  async #stream(): Promise<void> {
    const { name, maxInFlight } = this.#script;
    const sessionId = this.#random() < 0.7 ? (this.#session ?? '') : '';
    if (sessionId === '') this.#held.clear();
    let end: ((outcome: ReturnType<typeof outcomeOf>) => void) | undefined;
    try {
      const request = { sessionId, validatorHotkey: name, maxInFlight, kinds: [] };
      const { metadata } = patient();
      const options = { signal: this.#stopping.signal, ...(metadata !== undefined && { metadata }) };
      for await (const message of this.#client.watchPendingTasks(request, options)) {
        this.#lastSequence = message.sequence;
        if (message.event?.$case === 'sessionStarted') {
          const session = message.event.value.sessionId as SessionId;
          this.#session = session;
          end = this.#history.begin({ kind: 'stream', client: name, session, maxInFlight });
        } else this.#receive(message.event);
      }
    } catch (error) {
      end?.(outcomeOf(error));
    }
  }

  #receive(event: WatchPendingTasksResponse['event']): void {
    if (event?.$case === 'tasksAssigned') for (const task of event.value.tasks) this.#take(task);
    if (event?.$case === 'leasesRevoked')
      for (const { leaseToken } of event.value.leases) this.#held.delete(leaseToken as LeaseToken);
  }

  #take(task: LeasedTask): void {
    const { name, maxInFlight } = this.#script;
    const { taskId, leaseToken, attempt } = task;
    const token = leaseToken as LeaseToken;
    if (this.#session === undefined) throw new Error('tasks came before the session');
    const lease = { session: this.#session, taskId: taskId as TaskId, token, attempt, maxInFlight };
    this.#history.delivered({ client: name, ...lease });
    const lot = this.#random();
    const say = (settlement: SettlementKind, delayMs: number) => {
      this.#sayLater({ task, settlement, words: randomBytes(8).toString('hex'), tries: 0 }, delayMs);
    };
    if (lot < 0.03) return;
    if (lot < 0.09) {
      setTimeout(() => void this.#insist(token, say), this.#random() * 500);
      return;
    }
    // Long enough for those settles to find a lease that is not theirs.
    const soonMs = this.#random() * (this.#random() < 0.2 ? 600 : 60);
    this.#held.add(token);
    if (lot < 0.16) say('retryable', soonMs);
    else if (lot < 0.18) say('failed', soonMs);
    else if (lot < 0.24) say('released', soonMs);
    else if (lot < 0.29) {
      const plan: Plan = { task, settlement: 'completed', words: randomBytes(8).toString('hex'), tries: 0 };
      this.#sayLater(plan, soonMs);
      this.#sayLater(plan, soonMs + 40);
      say('failed', soonMs + 80);
    } else say('completed', soonMs);
  }

  #sayLater(plan: Plan, delayMs: number): void {
    this.#settling += 1;
    setTimeout(() => {
      this.#due.push(plan);
      if (this.#due.length === 1) setImmediate(() => void this.#flush());
    }, delayMs);
  }

  /** Settles what is due in one call, and again what stays unknown. */
  async #flush(): Promise<void> {
    const plans = this.#due.splice(0, MAX_BATCH);
    if (this.#due.length > 0) setImmediate(() => void this.#flush());
    const ends = plans.map((plan) => this.#begin(plan));
    try {
      const settlements = plans.map(settlementOf);
      const { results } = await this.#client.settleTasks({ settlements }, patient());
      results.forEach(({ error, state }, place) => {
        const ok = { kind: 'ok', state: stateFromProto(state) ?? 'pending' } as const;
        ends[place]?.(error === undefined ? ok : outcomeOf(fromRpcStatus(error)));
      });
    } catch (error) {
      const outcome = outcomeOf(error);
      for (const end of ends) end(outcome);
      for (const plan of plans)
        if (outcome.kind === 'unknown' && plan.tries < MAX_TRIES)
          this.#sayLater({ ...plan, tries: plan.tries + 1 }, RETRY_MS * (1 + plan.tries));
    }
    this.#settling -= plans.length;
  }

  #begin(plan: Plan) {
    const { task, settlement } = plan;
    const token = task.leaseToken as LeaseToken;
    this.#held.delete(token);
    return this.#history.begin({
      kind: 'settle',
      client: this.#script.name,
      session: this.#session ?? ('' as SessionId),
      taskId: task.taskId as TaskId,
      token,
      settlement,
      digest: digestOf(textOf(plan)),
    });
  }

  /**
   * Two heartbeats left the lease out, so another validator may be at work on the task by now; asks, and
   * settles whatever the answer is.
   */
  async #insist(
    token: LeaseToken,
    say: (settlement: SettlementKind, delayMs: number) => void,
  ): Promise<void> {
    await this.#extend([...this.#held, token]);
    say('completed', 0);
  }

  async #heartbeats(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      await pause(HEARTBEAT_MS);
      await this.#extend([...this.#held]);
    }
  }

  async #extend(tokens: readonly LeaseToken[]): Promise<void> {
    const session = this.#session;
    if (session === undefined) return;
    const end = this.#history.begin({ kind: 'extend', client: this.#script.name, session, tokens });
    try {
      const leases = tokens.map((leaseToken) => ({ leaseToken, progress: undefined }));
      const request = { sessionId: session, leases, lastSequence: this.#lastSequence };
      const { revoked } = await this.#client.extendLeases(request, patient());
      end({ kind: 'ok', revoked: revoked.map(({ leaseToken }) => leaseToken as LeaseToken) });
      for (const { leaseToken } of revoked) this.#held.delete(leaseToken as LeaseToken);
    } catch (error) {
      end(outcomeOf(error));
    }
  }
}

function textOf({ task, settlement, words }: Plan): string {
  const text = `${settlement} by ${task.leaseToken}: ${words} `;
  return words.startsWith('0') && settlement === 'completed' ? text.repeat(LARGE_BYTES / text.length) : text;
}

function settlementOf(plan: Plan): ProtoSettlement {
  const { taskId, leaseToken } = plan.task;
  const failure = { reason: 'CHAOS', message: textOf(plan) };
  switch (plan.settlement) {
    case 'completed': {
      const result = { output: { $case: 'text', value: textOf(plan) } } as const;
      return ProtoSettlement.fromPartial({
        taskId,
        leaseToken,
        outcome: { $case: 'completed', value: { result } },
      });
    }
    case 'failed':
    case 'retryable': {
      const value = { failure, retryable: plan.settlement === 'retryable' };
      return ProtoSettlement.fromPartial({ taskId, leaseToken, outcome: { $case: 'failed', value } });
    }
    case 'released':
      return ProtoSettlement.fromPartial({
        taskId,
        leaseToken,
        outcome: { $case: 'released', value: { reason: textOf(plan) } },
      });
  }
}

const validator = new ScriptedValidator(JSON.parse(process.argv[2] ?? '') as ValidatorScript);
process.on('SIGTERM', () => {
  validator.stop();
});
// The one who started it is gone.
process.stdin.resume().on('end', () => process.exit(1));
await validator.run();
process.exit(0);
