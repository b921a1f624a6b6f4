import type {
  MinerResponse as ProtoMinerResponse,
  Score as ProtoScore,
  Segment as ProtoSegment,
  TaskResult as ProtoTaskResult,
} from '../../../gen/ts/audiosubnet/v1/task.js';
import type { MinerResponse, Payload, Score, Segment, ShownResult, TaskResult } from '../../domain/task.js';
import { defined } from './defined.js';
import { payloadFromProto, payloadToProto, type PayloadForm } from './payload.js';
import { durationFromMs, msFromDuration } from './time.js';

/** @param validator who settled the task; empty in a settlement */
export function resultToProto(result: ShownResult, form: PayloadForm, validator: string): ProtoTaskResult {
  return {
    output: result.output && payloadToProto(result.output, form),
    mediaType: result.mediaType,
    model: result.model,
    minerUid: result.minerUid,
    minerHotkey: result.minerHotkey,
    score: result.score && scoreToProto(result.score),
    ...timesToProto(result),
    validatorHotkey: validator,
    segments: result.segments.map(segmentToProto),
  };
}

/** Undefined when there is no output, which the contract's rules refuse. */
export function resultFromProto(result: ProtoTaskResult): TaskResult | undefined {
  if (result.output === undefined) return undefined;
  const output: Payload = payloadFromProto(result.output);
  return {
    output,
    mediaType: result.mediaType,
    model: result.model,
    minerHotkey: result.minerHotkey,
    segments: result.segments.map(segmentFromProto),
    ...timesFromProto(result),
    ...defined({ minerUid: result.minerUid, score: result.score && scoreFromProto(result.score) }),
  };
}

export function responseToProto(response: MinerResponse): ProtoMinerResponse {
  return {
    minerUid: response.minerUid,
    hotkey: response.hotkey,
    score: response.score && scoreToProto(response.score),
    ...timesToProto(response),
    errorMessage: response.errorMessage,
    selected: response.selected,
    model: response.model,
  };
}

export function responseFromProto(response: ProtoMinerResponse): MinerResponse {
  const { hotkey, errorMessage, selected, model } = response;
  return {
    hotkey,
    errorMessage,
    selected,
    model,
    ...timesFromProto(response),
    ...defined({ minerUid: response.minerUid, score: response.score && scoreFromProto(response.score) }),
  };
}

export function segmentToProto({ startMs, endMs, text }: Segment): ProtoSegment {
  return { startMs: BigInt(Math.round(startMs)), endMs: BigInt(Math.round(endMs)), text };
}

export function segmentFromProto({ startMs, endMs, text }: ProtoSegment): Segment {
  return { startMs: Number(startMs), endMs: Number(endMs), text };
}

function scoreToProto({ accuracy, speed, combined, parts, policyVersion, policyHash }: Score): ProtoScore {
  return {
    accuracy,
    speed,
    combined,
    parts: parts.map(({ name, value, explanation }) => ({ name, value, explanation })),
    policyVersion,
    policyHash,
  };
}

function scoreFromProto({ accuracy, speed, combined, parts, policyVersion, policyHash }: ProtoScore): Score {
  return {
    ...defined({ accuracy, speed, combined }),
    parts: parts.map(({ name, value, explanation }) => ({ name, explanation, ...defined({ value }) })),
    policyVersion,
    policyHash,
  };
}

type Times = Pick<TaskResult, 'minerProcessingMs' | 'validatorMs'>;
type ProtoTimes = Pick<ProtoTaskResult, 'minerProcessingTime' | 'validatorTime'>;

function timesToProto({ minerProcessingMs, validatorMs }: Times): ProtoTimes {
  return {
    minerProcessingTime: minerProcessingMs === undefined ? undefined : durationFromMs(minerProcessingMs),
    validatorTime: validatorMs === undefined ? undefined : durationFromMs(validatorMs),
  };
}

function timesFromProto({ minerProcessingTime, validatorTime }: ProtoTimes): Times {
  return defined({
    minerProcessingMs: minerProcessingTime && msFromDuration(minerProcessingTime),
    validatorMs: validatorTime && msFromDuration(validatorTime),
  });
}
