import { Metadata } from '@grpc/grpc-js';
import { UploadHeader } from '../../../gen/ts/audiosubnet/v1/content_service.js';
import type {
  LeasedTask as ProtoLeasedTask,
  RevokedLease as ProtoRevokedLease,
  WatchPendingTasksResponse,
} from '../../../gen/ts/audiosubnet/v1/validator_integration.js';
import { Refusal } from '../../domain/errors.js';
import type { LeaseToken, SessionId, Sha256, TaskId } from '../../domain/ids.js';
import { DEFAULT_MAX_RUN_MS, HEARTBEAT_MS, LEASE_MS, MAX_INLINE_BYTES } from '../../domain/limits.js';
import { PAYLOAD_FORMS } from '../../domain/task.js';
import type {
  Extended,
  Extension,
  FedTask,
  FeedEvent,
  FeedSettled,
  FeedSettlement,
  MinerReport,
  RevokedLease,
  StoredOutput,
  Subscription,
  TaskFeed,
} from '../../validator/ports/task-feed.js';
import { defined, numberOrAbsent, textOrAbsent } from '../convert/defined.js';
import {
  actionFromProto,
  kindFromProto,
  priorityFromProto,
  revocationFromProto,
  stateFromProto,
} from '../convert/enums.js';
import { reportToProto } from '../convert/network.js';
import { payloadFromProto } from '../convert/payload.js';
import { settlementToProto } from '../convert/settlement.js';
import { progressToProto } from '../convert/task.js';
import { msFromDuration } from '../convert/time.js';
import { fromRpcStatus } from '../status.js';
import type { Channel } from './channel.js';
import { createSettleBatch } from './settle-batch.js';
import { createContentServiceClient, createValidatorIntegrationClient } from './task-clients.js';

const CALL_MS = 10_000;
/** Largest payload moved in one go, at a rate of about 100 kB/s. */
const TRANSFER_MS = 600_000;

/** The proxy's stream of work over gRPC. Clients of one channel share its connection. */
export function createProxyFeed(channel: Channel): TaskFeed {
  const validators = createValidatorIntegrationClient(channel);
  const content = createContentServiceClient(channel);
  const settlements = createSettleBatch(async (batch, signal) => {
    const request = { settlements: [...batch] };
    return (await validators.settleTasks(request, { signal, deadlineMs: CALL_MS })).results;
  });
  return {
    maxInlineOutputBytes: MAX_INLINE_BYTES,
    async *subscribe({ session, holder, maxInFlight, patient, signal }: Subscription) {
      const request = { sessionId: session ?? '', validatorHotkey: holder, maxInFlight, kinds: [] };
      const metadata = new Metadata({ waitForReady: patient });
      for await (const message of validators.watchPendingTasks(request, { signal, metadata })) {
        const event = eventFromProto(message);
        if (event !== undefined) yield event;
      }
    },
    async extend({ session, held, lastSequence }: Extension, signal): Promise<Extended> {
      const leases = held.map(({ token, progress }) => ({
        leaseToken: token,
        progress: progress && progressToProto(progress),
      }));
      const request = { sessionId: session, leases, lastSequence: BigInt(lastSequence) };
      const answer = await validators.extendLeases(request, { signal, deadlineMs: CALL_MS });
      return {
        revoked: answer.revoked.map(revokedFromProto),
        action: actionFromProto(answer.action) ?? 'continue',
      };
    },
    async settle(settlement: FeedSettlement, signal): Promise<FeedSettled> {
      const proto = settlementToProto(settlement, PAYLOAD_FORMS[settlement.kind].output);
      const result = await settlements.add(proto, signal);
      if (result.error !== undefined) return settledWith(fromRpcStatus(result.error));
      return { kind: 'settled', ...defined({ state: stateFromProto(result.state) }) };
    },
    async downloadInput({ token, payload }: FedTask, signal): Promise<Uint8Array> {
      if (payload.kind === 'inline') return payload.bytes;
      const request = { sha256: payload.sha256, offset: 0n, maxBytes: 0n, leaseToken: token };
      const bytes = Buffer.alloc(payload.sizeBytes);
      let filled = 0;
      for await (const { data } of content.downloadContent(request, { signal, deadlineMs: TRANSFER_MS })) {
        if (filled + data.length > bytes.length)
          throw new Refusal('SIZE_MISMATCH', `the input has more than the announced ${bytes.length} bytes`);
        filled += data.copy(bytes, filled);
      }
      return bytes.subarray(0, filled);
    },
    async uploadOutput({ token }: FedTask, bytes, signal): Promise<StoredOutput> {
      const header = UploadHeader.fromPartial({ sizeBytes: BigInt(bytes.byteLength), leaseToken: token });
      const stored = await content.uploadContent(whole(bytes), header, { signal, deadlineMs: TRANSFER_MS });
      return { sha256: stored.sha256 as Sha256, sizeBytes: Number(stored.sizeBytes) };
    },
    async report({ holder, ...report }: MinerReport, signal): Promise<void> {
      const request = reportToProto({ ...report, validator: holder });
      await validators.reportMiners(request, { signal, deadlineMs: CALL_MS });
    },
    close() {
      validators.close();
      content.close();
    },
  };
}

/** Undefined for what a newer proxy may send. */
function eventFromProto({ sequence: number, event }: WatchPendingTasksResponse): FeedEvent | undefined {
  const sequence = Number(number);
  switch (event?.$case) {
    case 'sessionStarted': {
      const { sessionId, heartbeatInterval } = event.value;
      const heartbeatMs = heartbeatInterval === undefined ? HEARTBEAT_MS : msFromDuration(heartbeatInterval);
      return { kind: 'started', sequence, session: sessionId as SessionId, heartbeatMs };
    }
    case 'tasksAssigned':
      return { kind: 'assigned', sequence, tasks: event.value.tasks.flatMap(taskFromProto) };
    case 'leasesRevoked':
      return { kind: 'revoked', sequence, leases: event.value.leases.map(revokedFromProto) };
    case 'draining': {
      const { grace } = event.value;
      return { kind: 'draining', sequence, graceMs: grace === undefined ? 0 : msFromDuration(grace) };
    }
    case 'keepAlive':
    case 'taskObserved':
    case undefined:
      return { kind: 'keep_alive', sequence };
  }
}

/** None for a kind this validator does not know: its lease is not confirmed and goes back. */
function taskFromProto(task: ProtoLeasedTask): readonly FedTask[] {
  const kind = kindFromProto(task.kind);
  const payload = task.input?.payload;
  if (kind === undefined || payload === undefined) return [];
  return [
    {
      id: task.taskId as TaskId,
      token: task.leaseToken as LeaseToken,
      kind,
      language: task.language,
      priority: priorityFromProto(task.priority) ?? 'normal',
      payload: payloadFromProto(payload),
      leaseMs: task.leaseDuration === undefined ? LEASE_MS : msFromDuration(task.leaseDuration),
      maxRunMs: task.maxRunTime === undefined ? DEFAULT_MAX_RUN_MS : msFromDuration(task.maxRunTime),
      ...defined({ voice: textOrAbsent(task.voice), maxSentences: numberOrAbsent(task.maxSentences) }),
    },
  ];
}

function revokedFromProto({ leaseToken, reason }: ProtoRevokedLease): RevokedLease {
  return { token: leaseToken as LeaseToken, reason: revocationFromProto(reason) ?? 'unknown' };
}

/** An item's error is an answer, unless it may pass. */
function settledWith(refusal: Refusal): FeedSettled {
  switch (refusal.reason) {
    case 'LEASE_LOST':
    case 'TASK_NOT_FOUND':
      return { kind: 'lost', message: refusal.message };
    case 'CONTENT_MISSING':
      return { kind: 'content_missing' };
    case 'UNAVAILABLE':
    case 'SERVER_DRAINING':
    case 'DEADLINE_EXCEEDED':
    case 'DISK_LOW':
    case 'INTERNAL':
      throw refusal;
    default:
      return { kind: 'refused', message: refusal.message };
  }
}

async function* whole(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield await Promise.resolve(bytes);
}
