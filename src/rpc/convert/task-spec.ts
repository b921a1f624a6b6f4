import type { TaskSpec } from '../../../gen/ts/audiosubnet/v1/task.js';
import type { Mutable, TaskInput, TaskKind } from '../../domain/task.js';
import type { SubmitRequest } from '../../queue/queue.js';
import { defined, textOrAbsent } from './defined.js';
import { priorityFromProto, priorityToProto } from './enums.js';
import { codePoints, contentFromProto, contentToProto, textBytes } from './payload.js';
import { durationFromMs, msFromDuration } from './time.js';

/** What a user asks for, without who asks. */
export type Spec = Omit<SubmitRequest, 'owner' | 'requestId'>;

type GivenInput = Spec['input'];
type ProtoKind = NonNullable<TaskSpec['kind']>;

/** Undefined when no kind or no audio is set, which the contract's rules refuse. */
export function specFromProto(spec: TaskSpec): Spec | undefined {
  const kind = spec.kind && kindAndInput(spec.kind);
  if (kind === undefined) return undefined;
  const { maxAttempts, maxRunTime, expireAfter, callbackUrl } = spec;
  const read: Mutable<Spec> = {
    kind: kind.kind,
    input: kind.input,
    language: spec.language,
    priority: priorityFromProto(spec.priority) ?? 'normal',
  };
  if (maxAttempts !== 0) read.maxAttempts = maxAttempts;
  if (maxRunTime !== undefined) read.maxRunMs = Math.round(msFromDuration(maxRunTime));
  if (expireAfter !== undefined) read.expireAfterMs = Math.round(msFromDuration(expireAfter));
  if (callbackUrl !== '') read.callbackUrl = callbackUrl;
  return read;
}

export function specToProto(spec: Spec): TaskSpec {
  return {
    kind: kindToCase(spec),
    language: spec.language,
    priority: priorityToProto(spec.priority),
    callbackUrl: spec.callbackUrl ?? '',
    maxAttempts: spec.maxAttempts ?? 0,
    maxRunTime: spec.maxRunMs === undefined ? undefined : durationFromMs(spec.maxRunMs),
    expireAfter: spec.expireAfterMs === undefined ? undefined : durationFromMs(spec.expireAfterMs),
  };
}

function kindAndInput(kind: ProtoKind): { kind: TaskKind; input: GivenInput } | undefined {
  switch (kind.$case) {
    case 'transcription': {
      const input = audioInput(kind.value);
      return input && { kind: 'transcription', input };
    }
    case 'tts': {
      const { text, voice } = kind.value;
      const input = textInput(text);
      if (voice !== '') input.voice = voice;
      return { kind: 'tts', input };
    }
    case 'summarization': {
      const { text, maxSentences } = kind.value;
      const input = textInput(text);
      if (maxSentences !== 0) input.maxSentences = maxSentences;
      return { kind: 'summarization', input };
    }
  }
}

function audioInput({
  audio,
  fileName,
  mediaType,
}: Extract<ProtoKind, { $case: 'transcription' }>['value']): GivenInput | undefined {
  const names = defined({ fileName: textOrAbsent(fileName), mediaType: textOrAbsent(mediaType) });
  switch (audio?.$case) {
    case undefined:
      return undefined;
    case 'inlineAudio': {
      const bytes = audio.value;
      return { payload: { kind: 'inline', bytes }, payloadBytes: bytes.byteLength, textLength: 0, ...names };
    }
    case 'content': {
      const payload = contentFromProto(audio.value);
      return { payload, payloadBytes: payload.sizeBytes, textLength: 0, ...names };
    }
  }
}

function textInput(text: string): Mutable<GivenInput> {
  const bytes = textBytes(text);
  return { payload: { kind: 'inline', bytes }, payloadBytes: bytes.byteLength, textLength: codePoints(text) };
}

function kindToCase({ kind, input }: Spec): ProtoKind {
  switch (kind) {
    case 'transcription': {
      const { payload, fileName = '', mediaType = '' } = input;
      const audio =
        payload.kind === 'content'
          ? ({ $case: 'content', value: contentToProto(payload) } as const)
          : ({ $case: 'inlineAudio', value: Buffer.from(payload.bytes) } as const);
      return { $case: 'transcription', value: { audio, fileName, mediaType } };
    }
    case 'tts':
      return { $case: 'tts', value: { text: inlineText(input), voice: input.voice ?? '' } };
    case 'summarization':
      return {
        $case: 'summarization',
        value: { text: inlineText(input), maxSentences: input.maxSentences ?? 0 },
      };
  }
}

/** Text of a spec is always inline: the contract has no reference for it. */
function inlineText({ payload }: TaskInput): string {
  return payload?.kind === 'inline' ? Buffer.from(payload.bytes).toString() : '';
}
