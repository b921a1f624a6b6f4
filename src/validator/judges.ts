import type { Policy } from '../domain/score/policy.js';
import {
  judgeSpeech,
  type SpeechFacts,
  type SpeechQuestion,
  type SpeechReply,
} from '../domain/score/speech.js';
import { judgeSummaries, type SummaryQuestion, type SummaryReply } from '../domain/score/summary.js';
import {
  judgeTranscripts,
  type TranscriptQuestion,
  type TranscriptReply,
} from '../domain/score/transcription.js';
import type { Score } from '../domain/task.js';
import { decodeAudio } from '../engines/audio/decode.js';
import { signalFacts } from '../engines/audio/signal.js';
import type { EngineCatalog } from '../engines/engine.js';
import { textOf } from './usable-reply.js';

/** The replies to one task, in the order in which they came; plain data that a thread can be sent. */
export type JudgeWork =
  | {
      readonly kind: 'transcription';
      readonly question: TranscriptQuestion;
      readonly replies: readonly TranscriptReply[];
    }
  | { readonly kind: 'tts'; readonly question: SpeechQuestion; readonly replies: readonly SpeechReply[] }
  | {
      readonly kind: 'summarization';
      readonly question: SummaryQuestion;
      readonly replies: readonly SummaryReply[];
    };

export interface Recording {
  readonly audio: Uint8Array;
  /** ISO 639-1 */
  readonly language: string;
}

/** What judging takes of a processor. Each rejects with the signal's reason when it aborts. */
export interface Judges {
  /** One score a reply, in their order. */
  judge(work: JudgeWork, signal: AbortSignal): Promise<readonly Score[]>;
  /** What can be measured of a spoken reply; undefined when it cannot be decoded. */
  hear(audio: Uint8Array, signal: AbortSignal): Promise<SpeechFacts | undefined>;
  /** What the validator's own engine hears; undefined without an engine, or when it fails. */
  transcribe(recording: Recording, signal: AbortSignal): Promise<string | undefined>;
  close(): Promise<void>;
}

export interface JudgesOptions {
  readonly policy: Policy;
  /** Called once at most, when there is something to transcribe. */
  readonly findEngines: () => Promise<EngineCatalog>;
}

/** Judges in this thread. */
export function createJudges({ policy, findEngines }: JudgesOptions): Judges {
  let catalog: Promise<EngineCatalog> | undefined;
  return {
    judge: (work) => Promise.resolve().then(() => scoresOf(work, policy)),
    hear,
    async transcribe({ audio, language }, signal) {
      catalog ??= findEngines();
      const { engines } = await catalog;
      const engine = engines.find(
        (candidate) => candidate.kind === 'transcription' && candidate.languages.includes(language),
      );
      if (engine === undefined) return undefined;
      try {
        const { output } = await engine.run({ input: audio, language, signal, onProgress: () => undefined });
        return textOf(output);
      } catch {
        signal.throwIfAborted();
        return undefined;
      }
    },
    close: () => Promise.resolve(),
  };
}

function scoresOf(work: JudgeWork, policy: Policy): readonly Score[] {
  switch (work.kind) {
    case 'transcription':
      return judgeTranscripts(work.question, work.replies, policy);
    case 'tts':
      return judgeSpeech(work.question, work.replies, policy);
    case 'summarization':
      return judgeSummaries(work.question, work.replies, policy);
  }
}

async function hear(audio: Uint8Array, signal: AbortSignal): Promise<SpeechFacts | undefined> {
  try {
    const { durationSeconds, ...facts } = signalFacts(await decodeAudio(audio, signal));
    return { durationMs: durationSeconds * 1000, ...facts };
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}
