import type {
  AudioTask,
  GetCapabilitiesResponse,
  SynapseCompleted,
} from '../../../gen/ts/audiosubnet/v1/miner_synapse.js';
import type { Capabilities, SynapseHeader, SynapseOutput } from '../../miner/ports.js';
import { defined, numberOrAbsent, textOrAbsent } from './defined.js';
import { kindFromProto, kindToProto } from './enums.js';
import { segmentToProto } from './result.js';
import { durationFromMs, msFromDuration } from './time.js';

/** Undefined when kind or deadline are not set, which the contract's rules refuse. */
export function headerFromProto(task: AudioTask): SynapseHeader | undefined {
  const kind = kindFromProto(task.kind);
  if (kind === undefined || task.deadline === undefined) return undefined;
  return {
    kind,
    language: task.language,
    inputBytes: Number(task.inputBytes),
    deadlineMs: msFromDuration(task.deadline),
    ...defined({ voice: textOrAbsent(task.voice), maxSentences: numberOrAbsent(task.maxSentences) }),
  };
}

export function completedToProto(output: SynapseOutput, outputSha256: string): SynapseCompleted {
  return {
    outputBytes: BigInt(output.output.byteLength),
    outputSha256,
    mediaType: output.mediaType,
    model: output.model,
    processingTime: durationFromMs(output.processingMs),
    segments: output.segments.map(segmentToProto),
  };
}

export function capabilitiesToProto(miner: Capabilities): GetCapabilitiesResponse {
  return {
    capabilities: miner.capabilities.map(({ kind, languages, engine, model }) => ({
      kind: kindToProto(kind),
      languages: [...languages],
      engine,
      model,
    })),
    missing: miner.missing.map(({ kind, engine, cure }) => ({ kind: kindToProto(kind), engine, cure })),
    maxInputBytes: BigInt(miner.maxInputBytes),
    freeSlots: miner.freeSlots,
    maxSlots: miner.maxSlots,
    version: miner.version,
    hotkey: miner.hotkey,
  };
}
