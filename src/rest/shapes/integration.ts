import type {
  GetIntegrationInfoResponse,
  Miner,
  NetworkInfo,
  PendingTask,
  ReportingValidator,
} from '../../../gen/ts/audiosubnet/v1/validator_integration.js';
import type { QueueStats } from '../../../gen/ts/audiosubnet/v1/task_service.js';
import { instant, seconds } from '../instants.js';
import { kindName, priorityName, sourceName } from '../names.js';

/** Everything a validator asks about network and queue. */
export function integrationAnswer(info: GetIntegrationInfoResponse) {
  return {
    network_info: networkAnswer(info.networkInfo),
    miners: info.miners.map(minerAnswer),
    pending_tasks: info.pendingTasks.map(pendingAnswer),
    queue_stats: queueAnswer(info.queueStats),
    validators: info.validators.map(validatorAnswer),
  };
}

/** The state of the service for a watcher. */
export function healthAnswer(info: GetIntegrationInfoResponse) {
  const counts = queueAnswer(info.queueStats);
  return {
    status: 'healthy',
    timestamp: counts.timestamp,
    bittensor_connected: info.networkInfo?.connected ?? false,
    queue_size: counts.pending_count,
    pending_tasks: counts.pending_count,
    processing_tasks: counts.processing_count,
    completed_tasks: counts.completed_count,
    failed_tasks: counts.failed_count,
    total_tasks: counts.total_tasks,
  };
}

function networkAnswer(network: NetworkInfo | undefined) {
  return {
    netuid: network?.netuid ?? 0,
    network: network?.network ?? '',
    total_miners: network?.totalMiners ?? 0,
    available_miners: network?.availableMiners ?? 0,
    source: network === undefined ? 'none' : sourceName(network.source),
    age_seconds: seconds(network?.age),
  };
}

/** A validator that reported, and the policy it judges by. */
function validatorAnswer({ validatorHotkey, policyVersion, policyHash, age }: ReportingValidator) {
  return {
    hotkey: validatorHotkey,
    policy_version: policyVersion || null,
    policy_hash: policyHash || null,
    age_seconds: seconds(age),
  };
}

/** A miner of the network and where it is. */
export function minerAnswer(miner: Miner) {
  return {
    uid: miner.uid,
    hotkey: miner.hotkey,
    ip: miner.ip,
    port: miner.port,
    external_ip: miner.externalIp,
    external_port: miner.externalPort,
    stake: miner.stake,
  };
}

function pendingAnswer(task: PendingTask) {
  return {
    task_id: task.taskId,
    task_type: kindName(task.kind),
    language: task.language,
    priority: priorityName(task.priority),
    submitted_at: instant(task.createTime),
  };
}

/** The total counts cancelled tasks too, which have no count of their own in this shape. */
function queueAnswer(stats: QueueStats | undefined) {
  const count = (value: bigint | undefined) => Number(value ?? 0n);
  const pending = count(stats?.pendingCount);
  const processing = count(stats?.processingCount);
  const completed = count(stats?.completedCount);
  const failed = count(stats?.failedCount);
  return {
    pending_count: pending,
    processing_count: processing,
    completed_count: completed,
    failed_count: failed,
    total_tasks: pending + processing + completed + failed + count(stats?.cancelledCount),
    timestamp: instant(stats?.readTime),
  };
}
