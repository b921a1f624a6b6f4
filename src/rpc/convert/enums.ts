import {
  Priority as ProtoPriority,
  TaskKind as ProtoTaskKind,
  TaskState as ProtoTaskState,
} from '../../../gen/ts/audiosubnet/v1/task.js';
import {
  NetworkSource as ProtoNetworkSource,
  RevocationReason as ProtoRevocationReason,
  SessionAction as ProtoSessionAction,
} from '../../../gen/ts/audiosubnet/v1/validator_integration.js';
import type { Priority, TaskKind, TaskState } from '../../domain/task.js';
import type { ExtendedBySession, Revocation } from '../../queue/queue.js';

/** The values of a proto enum that mean something; each must have its row below. */
type Meant<ProtoEnum extends number> = Exclude<ProtoEnum, 0 | -1>;

type SessionAction = ExtendedBySession['action'];
export type NetworkSource = 'none' | 'chain' | 'static' | 'report';

const KINDS: Readonly<Record<Meant<ProtoTaskKind>, TaskKind>> = {
  [ProtoTaskKind.TRANSCRIPTION]: 'transcription',
  [ProtoTaskKind.TTS]: 'tts',
  [ProtoTaskKind.SUMMARIZATION]: 'summarization',
};
const PROTO_KINDS: Readonly<Record<TaskKind, Meant<ProtoTaskKind>>> = {
  transcription: ProtoTaskKind.TRANSCRIPTION,
  tts: ProtoTaskKind.TTS,
  summarization: ProtoTaskKind.SUMMARIZATION,
};

const PRIORITIES: Readonly<Record<Meant<ProtoPriority>, Priority>> = {
  [ProtoPriority.LOW]: 'low',
  [ProtoPriority.NORMAL]: 'normal',
  [ProtoPriority.HIGH]: 'high',
  [ProtoPriority.URGENT]: 'urgent',
};
const PROTO_PRIORITIES: Readonly<Record<Priority, Meant<ProtoPriority>>> = {
  low: ProtoPriority.LOW,
  normal: ProtoPriority.NORMAL,
  high: ProtoPriority.HIGH,
  urgent: ProtoPriority.URGENT,
};

const STATES: Readonly<Record<Meant<ProtoTaskState>, TaskState>> = {
  [ProtoTaskState.PENDING]: 'pending',
  [ProtoTaskState.PROCESSING]: 'processing',
  [ProtoTaskState.COMPLETED]: 'completed',
  [ProtoTaskState.FAILED]: 'failed',
  [ProtoTaskState.CANCELLED]: 'cancelled',
};
const PROTO_STATES: Readonly<Record<TaskState, Meant<ProtoTaskState>>> = {
  pending: ProtoTaskState.PENDING,
  processing: ProtoTaskState.PROCESSING,
  completed: ProtoTaskState.COMPLETED,
  failed: ProtoTaskState.FAILED,
  cancelled: ProtoTaskState.CANCELLED,
};

const REVOCATIONS: Readonly<Record<Meant<ProtoRevocationReason>, Revocation>> = {
  [ProtoRevocationReason.CANCELLED]: 'cancelled',
  [ProtoRevocationReason.EXPIRED]: 'expired',
  [ProtoRevocationReason.RUN_TIME_EXCEEDED]: 'run_time_exceeded',
  [ProtoRevocationReason.RECLAIMED]: 'reclaimed',
  [ProtoRevocationReason.UNKNOWN]: 'unknown',
};
const PROTO_REVOCATIONS: Readonly<Record<Revocation, Meant<ProtoRevocationReason>>> = {
  cancelled: ProtoRevocationReason.CANCELLED,
  expired: ProtoRevocationReason.EXPIRED,
  run_time_exceeded: ProtoRevocationReason.RUN_TIME_EXCEEDED,
  reclaimed: ProtoRevocationReason.RECLAIMED,
  unknown: ProtoRevocationReason.UNKNOWN,
};

const ACTIONS: Readonly<Record<Meant<ProtoSessionAction>, SessionAction>> = {
  [ProtoSessionAction.CONTINUE]: 'continue',
  [ProtoSessionAction.RECONNECT]: 'reconnect',
  [ProtoSessionAction.DRAIN]: 'drain',
};
const PROTO_ACTIONS: Readonly<Record<SessionAction, Meant<ProtoSessionAction>>> = {
  continue: ProtoSessionAction.CONTINUE,
  reconnect: ProtoSessionAction.RECONNECT,
  drain: ProtoSessionAction.DRAIN,
};

const SOURCES: Readonly<Record<Meant<ProtoNetworkSource>, NetworkSource>> = {
  [ProtoNetworkSource.NONE]: 'none',
  [ProtoNetworkSource.CHAIN]: 'chain',
  [ProtoNetworkSource.STATIC]: 'static',
  [ProtoNetworkSource.REPORT]: 'report',
};
const PROTO_SOURCES: Readonly<Record<NetworkSource, Meant<ProtoNetworkSource>>> = {
  none: ProtoNetworkSource.NONE,
  chain: ProtoNetworkSource.CHAIN,
  static: ProtoNetworkSource.STATIC,
  report: ProtoNetworkSource.REPORT,
};

/** Undefined for UNSPECIFIED and for values of a newer contract. */
function lookup<Value>(table: Readonly<Record<number, Value>>, value: number): Value | undefined {
  return Object.hasOwn(table, value) ? table[value] : undefined;
}

export const kindToProto = (kind: TaskKind): ProtoTaskKind => PROTO_KINDS[kind];
export const kindFromProto = (kind: ProtoTaskKind): TaskKind | undefined => lookup(KINDS, kind);

export const priorityToProto = (priority: Priority): ProtoPriority => PROTO_PRIORITIES[priority];
export const priorityFromProto = (priority: ProtoPriority): Priority | undefined =>
  lookup(PRIORITIES, priority);

export const stateToProto = (state: TaskState): ProtoTaskState => PROTO_STATES[state];
export const stateFromProto = (state: ProtoTaskState): TaskState | undefined => lookup(STATES, state);

export const revocationToProto = (reason: Revocation): ProtoRevocationReason => PROTO_REVOCATIONS[reason];
export const revocationFromProto = (reason: ProtoRevocationReason): Revocation | undefined =>
  lookup(REVOCATIONS, reason);

export const actionToProto = (action: SessionAction): ProtoSessionAction => PROTO_ACTIONS[action];
export const actionFromProto = (action: ProtoSessionAction): SessionAction | undefined =>
  lookup(ACTIONS, action);

export const sourceToProto = (source: NetworkSource): ProtoNetworkSource => PROTO_SOURCES[source];
export const sourceFromProto = (source: ProtoNetworkSource): NetworkSource | undefined =>
  lookup(SOURCES, source);
