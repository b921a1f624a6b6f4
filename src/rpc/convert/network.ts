import type {
  Miner as ProtoMiner,
  MinerObservation as ProtoMinerObservation,
  MinerRating as ProtoMinerRating,
  NetworkInfo as ProtoNetworkInfo,
  ReportingValidator as ProtoReportingValidator,
  ReportMinersRequest,
} from '../../../gen/ts/audiosubnet/v1/validator_integration.js';
import { TaskKind as ProtoTaskKind } from '../../../gen/ts/audiosubnet/v1/task.js';
import type { MinerObservation, MinerRating, MinerReport } from '../miner-reports.js';
import type { KnownMiner, NetworkInfo, ReportingValidator, SeenBy } from '../network-info.js';
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

export function reportingToProto(reporting: ReportingValidator): ProtoReportingValidator {
  const { validator, policyVersion, policyHash, ageMs } = reporting;
  return { validatorHotkey: validator, policyVersion, policyHash, age: durationFromMs(ageMs) };
}

function seenToProto({ validator, ageMs, observation }: SeenBy): ProtoMinerObservation {
  const { ratings, ...others } = observation;
  return {
    ...observationToProto({ ...others, ratings: ratings.map((rating) => aged(rating, ageMs)) }),
    validatorHotkey: validator,
    age: durationFromMs(ageMs),
  };
}

/** The rating as it is so long after it was reported. */
function aged(rating: MinerRating, ageMs: number): MinerRating {
  const { sampleAgeMs } = rating;
  return sampleAgeMs === undefined ? rating : { ...rating, sampleAgeMs: sampleAgeMs + ageMs };
}

export function reportFromProto(report: ReportMinersRequest): MinerReport {
  const { validatorHotkey, policyVersion, policyHash, netuid, network, miners } = report;
  return {
    validator: validatorHotkey,
    policyVersion,
    policyHash,
    netuid,
    network,
    miners: miners.map(observationFromProto),
  };
}

export function reportToProto({ validator, miners, ...report }: MinerReport): ReportMinersRequest {
  return { ...report, validatorHotkey: validator, miners: miners.map(observationToProto) };
}

function observationToProto(observation: MinerObservation): ProtoMinerObservation {
  const { hotkey, uid, reachable, latencyMs, ratings, score, address, stake } = observation;
  return {
    hotkey,
    uid,
    reachable,
    latency: latencyMs === undefined ? undefined : durationFromMs(latencyMs),
    ratings: ratings.map(ratingToProto),
    validatorHotkey: '',
    address,
    stake,
    score,
  };
}

function observationFromProto(observation: ProtoMinerObservation): MinerObservation {
  const { hotkey, uid, reachable, latency, ratings, score, address, stake } = observation;
  return {
    hotkey,
    uid,
    reachable,
    ratings: ratings.map(ratingFromProto),
    address,
    stake,
    ...defined({ latencyMs: latency && msFromDuration(latency), score }),
  };
}

function ratingToProto({ kind, sampleCount, sampleAgeMs, parts, ...rating }: MinerRating): ProtoMinerRating {
  return {
    accuracy: undefined,
    speed: undefined,
    ...rating,
    kind: kind === undefined ? ProtoTaskKind.UNSPECIFIED : kindToProto(kind),
    sampleCount: BigInt(sampleCount),
    parts: parts.map((part) => ({ ...part, sampleCount: BigInt(part.sampleCount) })),
    sampleAge: sampleAgeMs === undefined ? undefined : durationFromMs(sampleAgeMs),
  };
}

function ratingFromProto(rating: ProtoMinerRating): MinerRating {
  const { kind, language, accuracy, speed, reliability, sampleCount, parts, sampleAge } = rating;
  return {
    language,
    reliability,
    sampleCount: Number(sampleCount),
    parts: parts.map((part) => ({ ...part, sampleCount: Number(part.sampleCount) })),
    ...defined({
      kind: kindFromProto(kind),
      accuracy,
      speed,
      sampleAgeMs: sampleAge && Math.max(0, msFromDuration(sampleAge)),
    }),
  };
}
