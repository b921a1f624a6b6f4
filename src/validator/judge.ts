import { judgeSpeech, type SpeechFacts } from '../domain/score/speech.js';
import { judgeSummaries } from '../domain/score/summary.js';
import { judgeTranscripts } from '../domain/score/transcription.js';
import type { Score, TaskKind } from '../domain/task.js';
import type { EngineCatalog } from '../engines/engine.js';
import { decodeAudio } from '../engines/audio/decode.js';
import { signalFacts } from '../engines/audio/signal.js';
import type { Clock } from '../runtime/clock.js';
import type { MinerReply } from './ports/miner-client.js';
import { textOf } from './usable-reply.js';
import { timedSignal } from './wait.js';

/** What the replies are answers to. */
export interface JudgedTask {
  readonly kind: TaskKind;
  readonly language: string;
  readonly input: Uint8Array;
  /** 0 for text. */
  readonly audioMs: number;
}

/** Measures a spoken reply; absent when it cannot be decoded. */
export type Listen = (audio: Uint8Array, signal: AbortSignal) => Promise<SpeechFacts | undefined>;

export interface JudgeDeps {
  readonly clock: Clock;
  /** With an engine for transcription, a lone transcript is compared with what that engine hears. */
  readonly engines: EngineCatalog | undefined;
  readonly listen: Listen;
}

export const listen: Listen = async (audio, signal) => {
  try {
    const { durationSeconds, ...facts } = signalFacts(await decodeAudio(audio, signal));
    return { durationMs: durationSeconds * 1000, ...facts };
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
};

/** Judges the replies to one task; may be asked again when more of them came. */
export class Judge {
  private readonly heard = new Map<MinerReply, SpeechFacts | undefined>();
  private ownTranscript: Promise<string | undefined> | undefined;

  constructor(
    private readonly deps: JudgeDeps,
    private readonly task: JudgedTask,
  ) {}

  /**
   * @param maxReferenceMs how long the judge's own transcript may take for a lone reply; 0 judges without
   * @returns one score a reply, in their order
   */
  async scores(
    replies: readonly MinerReply[],
    maxReferenceMs: number,
    signal: AbortSignal,
  ): Promise<readonly Score[]> {
    const { kind, language, audioMs } = this.task;
    switch (kind) {
      case 'transcription': {
        const reference =
          replies.length === 1 && maxReferenceMs > 0
            ? await this.reference(maxReferenceMs, signal)
            : undefined;
        const question = { language, audioMs, ...(reference === undefined ? {} : { reference }) };
        return judgeTranscripts(question, replies.map(asText));
      }
      case 'tts': {
        const text = textOf(this.task.input) ?? '';
        const heard: { facts?: SpeechFacts; totalMs: number }[] = [];
        for (const reply of replies) heard.push(await this.hear(reply, signal));
        return judgeSpeech({ language, text }, heard);
      }
      case 'summarization':
        return judgeSummaries({ language, text: textOf(this.task.input) ?? '' }, replies.map(asText));
    }
  }

  private async hear(
    reply: MinerReply,
    signal: AbortSignal,
  ): Promise<{ facts?: SpeechFacts; totalMs: number }> {
    if (!this.heard.has(reply)) this.heard.set(reply, await this.deps.listen(reply.output, signal));
    const facts = this.heard.get(reply);
    return { ...(facts === undefined ? {} : { facts }), totalMs: reply.totalMs };
  }

  private async reference(maxMs: number, signal: AbortSignal): Promise<string | undefined> {
    this.ownTranscript ??= this.transcribe(maxMs, signal);
    return this.ownTranscript;
  }

  private async transcribe(maxMs: number, parent: AbortSignal): Promise<string | undefined> {
    const { kind, language, input } = this.task;
    const engine = this.deps.engines?.engines.find(
      (candidate) => candidate.kind === kind && candidate.languages.includes(language),
    );
    if (engine === undefined) return undefined;
    const timed = timedSignal(
      this.deps.clock,
      maxMs,
      parent,
      () => new Error('the own transcript took too long'),
    );
    try {
      const { output } = await engine.run({
        input,
        language,
        signal: timed.signal,
        onProgress: () => undefined,
      });
      return textOf(output);
    } catch {
      parent.throwIfAborted();
      return undefined;
    } finally {
      timed.release();
    }
  }
}

function asText(reply: MinerReply): { text: string; totalMs: number } {
  return { text: textOf(reply.output) ?? '', totalMs: reply.totalMs };
}
