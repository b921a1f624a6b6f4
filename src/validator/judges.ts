import { bytesPrint, type Print } from '../domain/score/answer-print.js';
import type { Policy } from '../domain/score/policy.js';
import { judgeSpeech, type SpeechFacts, type SpeechReply } from '../domain/score/speech.js';
import type { SpokenText } from '../domain/score/speech-pace.js';
import { SummaryJudge, type SummaryQuestion, type SummaryReply } from '../domain/score/summary.js';
import {
  judgeTranscripts,
  type TranscriptQuestion,
  type TranscriptReply,
} from '../domain/score/transcription.js';
import type { Score } from '../domain/task.js';
import type { EngineCatalog } from '../engines/engine.js';
import { SpeechEar, type SpokenReply } from '../engines/listening/speech-ear.js';
import { KnownAnswers } from './known-answers.js';
import { textOf } from './usable-reply.js';

/** Whose reply it is. */
interface Signed {
  readonly hotkey: string;
}

/** The replies to one task, in the order in which they came; plain data that a thread can be sent. */
export type JudgeWork =
  | {
      readonly kind: 'transcription';
      /** Of the audio. */
      readonly input: Print;
      readonly question: TranscriptQuestion;
      readonly replies: readonly (TranscriptReply & Signed)[];
    }
  | {
      readonly kind: 'tts';
      readonly question: SpokenText;
      readonly replies: readonly (SpeechReply & Signed & { readonly print: Print })[];
    }
  | {
      readonly kind: 'summarization';
      readonly question: SummaryQuestion;
      readonly replies: readonly (SummaryReply & Signed)[];
    };

/** What was measured of a spoken reply. */
export interface HeardSpeech {
  /** Absent when this side failed to hear it. */
  readonly facts?: SpeechFacts;
  /** Of its bytes. */
  readonly print: Print;
  /** What hearing it took, without the wait for its turn. */
  readonly spentMs: number;
}

export interface Recording {
  readonly audio: Uint8Array;
  readonly audioMs: number;
  /** ISO 639-1 */
  readonly language: string;
}

/** What judging takes of a processor. Each rejects with the signal's reason when it aborts. */
export interface Judges {
  /** One score a reply, in their order. */
  judge(work: JudgeWork, signal: AbortSignal): Promise<readonly Score[]>;
  hear(spoken: SpokenReply, signal: AbortSignal): Promise<HeardSpeech>;
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
  const engines = () => (catalog ??= findEngines());
  let ear: Promise<SpeechEar> | undefined;
  const known = new KnownAnswers(policy);
  const summaries = new SummaryJudge(policy);
  const scoresOf = (work: JudgeWork): readonly Score[] => {
    switch (work.kind) {
      case 'transcription':
        return judgeTranscripts(work.question, work.replies, policy);
      case 'tts':
        return judgeSpeech(work.question, work.replies, policy);
      case 'summarization':
        return summaries.judge(work.question, work.replies);
    }
  };
  return {
    judge: (work) => Promise.resolve().then(() => known.hold(work, scoresOf(work))),
    async hear(spoken, signal) {
      const start = performance.now();
      const print = bytesPrint(spoken.audio);
      const done = () => ({ print, spentMs: performance.now() - start });
      ear ??= engines().then((found) => new SpeechEar(found, policy));
      try {
        return { facts: await (await ear).hear(spoken, signal), ...done() };
      } catch {
        signal.throwIfAborted();
        return done();
      }
    },
    async transcribe({ audio, language }, signal) {
      const engine = (await engines()).engines.find(
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
