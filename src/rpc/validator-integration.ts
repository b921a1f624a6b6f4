import type { ValidatorIntegrationService } from '../../gen/ts/audiosubnet/v1/validator_integration.js';
import { Refusal } from '../domain/errors.js';
import type { LeaseToken, SessionId, TaskId } from '../domain/ids.js';
import type { NetworkView } from '../domain/network-view.js';
import type { Clock } from '../runtime/clock.js';
import type { Handlers } from './call.js';
import { claimTasks } from './claim-tasks.js';
import { defined } from './convert/defined.js';
import { actionToProto, kindToProto } from './convert/enums.js';
import { revokedLeaseToProto } from './convert/lease.js';
import { minerToProto, networkInfoToProto, reportFromProto, reportingToProto } from './convert/network.js';
import { pendingTaskToProto, queueStatsToProto } from './convert/queue.js';
import { progressFromProto } from './convert/task.js';
import { durationFromMs } from './convert/time.js';
import { listMiners, minerOf, summaries } from './miners.js';
import { createMinerReports } from './miner-reports.js';
import { networkInfo } from './network-info.js';
import { settleTasks, type SettleDeps } from './settle-tasks.js';
import { watchPendingTasks } from './watch-pending-tasks.js';

const DEFAULT_PENDING_TASKS = 10;
const MAX_PENDING_TASKS = 100;

export interface ValidatorIntegrationDeps extends SettleDeps {
  readonly network: NetworkView;
  readonly clock: Clock;
}

/** The field whose items are refused one by one. */
export const VALIDATOR_INTEGRATION_BATCHES = { settleTasks: 'settlements' } as const;

export function createValidatorIntegration(
  deps: ValidatorIntegrationDeps,
): Handlers<typeof ValidatorIntegrationService> {
  const { queue, network, clock, findTask } = deps;
  const reports = createMinerReports(clock);
  const info = () => networkInfo(network.current(), reports.current());
  return {
    async getIntegrationInfo({ maxPendingTasks }, { caller }) {
      const limit = Math.min(
        maxPendingTasks === 0 ? DEFAULT_PENDING_TASKS : maxPendingTasks,
        MAX_PENDING_TASKS,
      );
      const shown = caller.scopes.has('validate') ? queue.peek(limit) : [];
      const [pending, stats] = await Promise.all([shown, queue.stats()]);
      const now = info();
      return {
        networkInfo: networkInfoToProto(now),
        miners: summaries(now.miners).map(minerToProto),
        pendingTasks: pending.map(pendingTaskToProto),
        queueStats: queueStatsToProto(stats),
        validators: now.validators.map(reportingToProto),
      };
    },

    watchPendingTasks: (request, sink, call) => watchPendingTasks(deps, request, sink, call),

    async describeTask({ taskId }) {
      const task = await findTask(taskId as TaskId);
      if (task === undefined)
        throw new Refusal('TASK_NOT_FOUND', `there is no task ${taskId}`, { metadata: { id: taskId } });
      return { kind: kindToProto(task.kind) };
    },

    claimTasks: (request, call) => claimTasks(queue, request, call),

    async extendLeases({ sessionId, leases, lastSequence }, { caller }) {
      const { revoked, action, leaseMs } = await queue.extend({
        owner: caller.owner,
        session: sessionId as SessionId,
        held: leases.map(({ leaseToken, progress }) => ({
          token: leaseToken as LeaseToken,
          ...defined({ progress: progress && progressFromProto(progress) }),
        })),
        lastSequence: Number(lastSequence),
      });
      return {
        revoked: revoked.map(revokedLeaseToProto),
        action: actionToProto(action),
        leaseDuration: durationFromMs(leaseMs),
      };
    },

    settleTasks: ({ settlements }, call) => settleTasks(deps, settlements, call),

    reportMiners(report) {
      reports.store(reportFromProto(report));
      return Promise.resolve({});
    },

    listMiners: (request) => Promise.resolve().then(() => listMiners(info().miners, request)),

    getMiner: ({ hotkey }) =>
      Promise.resolve().then(() => ({ miner: minerToProto(minerOf(info().miners, hotkey)) })),
  };
}
