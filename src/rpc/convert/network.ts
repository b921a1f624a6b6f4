import type {
  Miner as ProtoMiner,
  MinerObservation as ProtoMinerObservation,
  NetworkInfo as ProtoNetworkInfo,
  ReportMinersRequest,
} from '../../../gen/ts/audiosubnet/v1/validator_integration.js';
import { TaskKind as ProtoTaskKind } from '../../../gen/ts/audiosubnet/v1/task.js';
import type { MinerObservation, MinerReport } from '../miner-reports.js';
import type { KnownMiner, NetworkInfo, SeenBy } from '../network-info.js';
import { defined } from './defined.js';
import { kindFromProto, kindToProto, sourceToProto } from './enums.js';
import { durationFromMs, msFromDuration } from './time.js';

export function networkInfoToProto(info: NetworkInfo): ProtoNetworkInfo {
  const { netuid, network, totalMiners, availableMiners, connected } = info;
  return {
    netuid,
    network,
    totalMiners,
    availableMiners,
    source: sourceToProto(info.source),
    age: info.ageMs === undefined ? undefined : durationFromMs(info.ageMs),
    connected,
  };
}

export function minerToProto({ uid, hotkey, host, port, stake, observations }: KnownMiner): ProtoMiner {
  return {
    uid,
    hotkey,
    ip: host,
    port,
    externalIp: host,
    externalPort: port,
    stake,
    observations: observations.map(seenToProto),
  };
}

function seenToProto({ validator, ageMs, observation }: SeenBy): ProtoMinerObservation {
  return {
    ...observationToProto(observation),
    validatorHotkey: validator,
    age: durationFromMs(ageMs),
  };
}

export function reportFromProto(report: ReportMinersRequest): MinerReport {
  return {
    validator: report.validatorHotkey,
    netuid: report.netuid,
    network: report.network,
    miners: report.miners.map(observationFromProto),
  };
}

export function reportToProto({ validator, netuid, network, miners }: MinerReport): ReportMinersRequest {
  return { validatorHotkey: validator, netuid, network, miners: miners.map(observationToProto) };
}

function observationToProto(observation: MinerObservation): ProtoMinerObservation {
  const { hotkey, uid, reachable, latencyMs, ratings, address, stake } = observation;
  return {
    hotkey,
    uid,
    reachable,
    latency: latencyMs === undefined ? undefined : durationFromMs(latencyMs),
    ratings: ratings.map(({ kind, sampleCount, ...rating }) => ({
      ...rating,
      kind: kind === undefined ? ProtoTaskKind.UNSPECIFIED : kindToProto(kind),
      sampleCount: BigInt(sampleCount),
    })),
    validatorHotkey: '',
    address,
    stake,
  };
}

function observationFromProto(observation: ProtoMinerObservation): MinerObservation {
  const { hotkey, uid, reachable, latency, ratings, address, stake } = observation;
  return {
    hotkey,
    uid,
    reachable,
    ratings: ratings.map(({ kind, language, accuracy, speed, reliability, sampleCount }) => ({
      language,
      reliability,
      sampleCount: Number(sampleCount),
      ...defined({ kind: kindFromProto(kind), accuracy, speed }),
    })),
    address,
    stake,
    ...defined({ latencyMs: latency && msFromDuration(latency) }),
  };
}
