import { bytesPrint, type Print } from '../domain/score/answer-print.js';
import { combine } from '../domain/score/combine.js';
import { keptFacts } from '../domain/score/kept-facts.js';
import { lower } from '../domain/score/lower.js';
import { part, unmeasured } from '../domain/score/part.js';
import type { Policy } from '../domain/score/policy.js';
import { trustIn } from '../domain/score/rating.js';
import { speedOf, type WorkSize } from '../domain/score/speed.js';
import type { SummaryReply } from '../domain/score/summary.js';
import type { Reference } from '../domain/score/transcription.js';
import { codePoints } from '../domain/score/words.js';
import type { Score, TaskKind } from '../domain/task.js';
import type { SpokenReply } from '../engines/listening/speech-ear.js';
import type { Clock } from '../runtime/clock.js';
import type { Logger } from '../runtime/logger.js';
import type { Reply } from './asking.js';
import { CriticReader } from './critic-reader.js';
import type { HearingBudgets } from './hearing-budget.js';
import type { HeardSpeech, Judges } from './judges.js';
import type { MinerReply } from './ports/miner-client.js';
import { OwnTranscript } from './own-transcript.js';
import { asText, timesOf, wordsRecordOf } from './reply-facts.js';
import { MIN_OWN_TRANSCRIPT_MS } from './settings.js';
import type { SummaryCritic } from './ports/summary-critic.js';
import type { Truth } from './truth.js';
import { textOf } from './usable-reply.js';

/** What the replies are answers to. */
export interface JudgedTask {
  readonly kind: TaskKind;
  readonly language: string;
  readonly input: Uint8Array;
  /** 0 for text. */
  readonly audioMs: number;
  /** Sentences of a summary that were asked for at most. */
  readonly maxSentences?: number;
  /** What the right answer is, where the validator knows. */
  readonly truth?: Truth;
}

export interface JudgeDeps {
  readonly judges: Judges;
  readonly policy: Policy;
  readonly budgets: HearingBudgets;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  /** Reads summaries too, where there is one. */
  readonly critic: SummaryCritic | undefined;
}

/** Replies and what they are worth. */
export interface Judged {
  /** In the order in which they came. */
  readonly replies: readonly Reply[];
  /** One a reply, in their order. */
  readonly scores: readonly Score[];
}

export interface ScoresSoFar extends Pick<Judged, 'scores'> {
  /** Whether the validator is still to hear for itself, and the scores may turn then. */
  readonly isProvisional: boolean;
}

/** What came of hearing a spoken reply; `failed` is the judges' fault, not the miner's. */
type Heard = ({ readonly kind: 'heard' } & HeardSpeech) | { readonly kind: 'failed' };

/** Judges the replies to one task; may be asked again when more of them came. */
export class Judge {
  /** What a time is measured against. */
  readonly size: WorkSize;
  private readonly text: string;
  private readonly heard = new Map<MinerReply, Heard>();
  private inputPrint: Print | undefined;
  private readonly own: OwnTranscript;
  /** One of the share of tasks that the validator hears itself however many replies there are. */
  private readonly isSampled: boolean;
  private listening: { readonly place: number; readonly isOpen: boolean } | undefined;
  /** Those that the judges failed on, alone and on no other. */
  private readonly hostile = new Set<MinerReply>();
  private readonly critic: CriticReader | undefined;

  constructor(
    private readonly deps: JudgeDeps,
    private readonly task: JudgedTask,
    private readonly log: Logger,
  ) {
    const { kind, input, language, audioMs } = task;
    this.text = kind === 'transcription' ? '' : (textOf(input) ?? '');
    this.size = { audioMs, characters: codePoints(this.text) };
    const { critic, clock } = deps;
    this.critic = critic && new CriticReader({ critic, clock }, this.text);
    this.own = new OwnTranscript(
      { ...deps, budget: deps.budgets.transcription },
      { audio: input, audioMs, language },
    );
    this.isSampled =
      kind === 'transcription' &&
      task.truth === undefined &&
      deps.random() < deps.policy.reference.sampledShare;
  }

  get kind(): TaskKind {
    return this.task.kind;
  }

  /** Begins what takes long, beside the miners: to hear for itself, where that is wanted whatever they answer. */
  prepare(maxReplies: number, signal: AbortSignal): void {
    if (maxReplies > 0 && this.wantsOwn(maxReplies)) this.own.begin(signal);
  }

  /**
   * Scores of the replies in the order in which they came. Where the judges fail, the replies get their speed and no
   * accuracy, and say so: the task goes on.
   *
   * @throws the signal's reason
   */
  scores(replies: readonly Reply[], signal: AbortSignal): Promise<readonly Score[]> {
    return this.guarded(replies, undefined, signal);
  }

  /**
   * The same beside what the validator hears itself, where that is wanted and there within the time that the miners
   * took, at least a moment; else as they are.
   *
   * @throws the signal's reason
   */
  async scoresWithOwn({ replies, scores }: Judged, signal: AbortSignal): Promise<readonly Score[]> {
    if (replies.length === 0 || !this.wantsOwn(replies.length)) return scores;
    const maxMs = Math.max(MIN_OWN_TRANSCRIPT_MS, ...replies.map(({ reply }) => reply.totalMs));
    const own = await this.own.text(maxMs, signal);
    return own === undefined ? scores : this.guarded(replies, own, signal);
  }

  /**
   * The same beside what the validator has heard by now.
   *
   * @throws the signal's reason
   */
  async scoresSoFar(judged: Judged, signal: AbortSignal): Promise<ScoresSoFar> {
    const isProvisional = this.wantsOwn(judged.replies.length) && !this.own.isOver;
    return {
      scores: isProvisional ? judged.scores : await this.scoresWithOwn(judged, signal),
      isProvisional,
    };
  }

  /** Whether so few replies are judged by their agreement alone that the next ones may turn the scores. */
  isOpen(replyCount: number): boolean {
    const { kind, truth } = this.task;
    return (
      kind === 'transcription' && truth === undefined && replyCount < this.deps.policy.reference.minReplies
    );
  }

  private wantsOwn(replyCount: number): boolean {
    return this.isOpen(replyCount) || this.isSampled;
  }

  private async guarded(
    replies: readonly Reply[],
    own: string | undefined,
    signal: AbortSignal,
  ): Promise<readonly Score[]> {
    if (replies.length === 0) return [];
    const sound = replies.filter(({ reply }) => !this.hostile.has(reply));
    try {
      const scores = await this.judged(sound, own, signal);
      return replies.map((reply) => scores[sound.indexOf(reply)] ?? this.worthNothing(reply));
    } catch (error) {
      signal.throwIfAborted();
      this.log.error({ err: error }, 'replies could not be judged');
      if (!(await this.findHostile(sound, signal))) return replies.map((reply) => this.unjudged(reply));
      return this.guarded(replies, own, signal);
    }
  }

  /** Judges each alone, to know which of them the judges fail on; whether that was some of them and not all. */
  private async findHostile(replies: readonly Reply[], signal: AbortSignal): Promise<boolean> {
    if (replies.length < 2) return false;
    const failing: Reply[] = [];
    for (const reply of replies)
      try {
        await this.judged([reply], undefined, signal);
      } catch {
        signal.throwIfAborted();
        failing.push(reply);
      }
    if (failing.length === 0 || failing.length === replies.length) return false;
    for (const { reply } of failing) this.hostile.add(reply);
    return true;
  }

  private async judged(
    replies: readonly Reply[],
    own: string | undefined,
    signal: AbortSignal,
  ): Promise<readonly Score[]> {
    const { judges, policy } = this.deps;
    const { kind, language, audioMs } = this.task;
    switch (kind) {
      case 'transcription': {
        const reference = this.referenceBeside(own);
        const question = { language, audioMs, ...(reference === undefined ? {} : { reference }) };
        const weighed = replies.map((reply) => ({
          ...asText(reply),
          weight: trustIn(reply.miner.rating, policy),
        }));
        const input = (this.inputPrint ??= bytesPrint(this.task.input));
        return judges.judge({ kind, input, question, replies: weighed }, signal);
      }
      case 'tts':
        return this.speech(replies, signal);
      case 'summarization': {
        const { maxSentences } = this.task;
        const question = {
          language,
          text: this.text,
          ...(maxSentences === undefined ? {} : { maxSentences }),
        };
        const critiques = await this.critic?.read(replies, signal);
        const summaries = replies.map((reply, place): SummaryReply & { readonly hotkey: string } => {
          const critique = critiques?.[place];
          return { ...asText(reply), ...(critique === undefined ? {} : { critique }) };
        });
        const scores = await judges.judge({ kind, question, replies: summaries }, signal);
        return scores.map((score, place) => this.withFacts(score, summaries[place]?.text ?? ''));
      }
    }
  }

  private referenceBeside(own: string | undefined): Reference | undefined {
    const { truth } = this.task;
    if (truth?.kind === 'transcript') return { kind: 'known', text: truth.text };
    return own === undefined ? undefined : { kind: 'own', text: own };
  }

  private withFacts(score: Score, summary: string): Score {
    const { truth } = this.task;
    if (truth?.kind !== 'facts') return score;
    const kept = keptFacts(summary, { facts: truth.facts, characters: this.text.length });
    return kept === undefined ? score : lower(score, [kept]);
  }

  private async speech(replies: readonly Reply[], signal: AbortSignal): Promise<readonly Score[]> {
    // In turn: one thread hears them all.
    for (const reply of replies) await this.hear(reply, signal);
    const audible = replies.flatMap((reply) => {
      const heard = this.heard.get(reply.reply);
      return heard?.kind === 'heard' ? [{ reply, heard }] : [];
    });
    const question = { language: this.task.language, text: this.text };
    const spoken = audible.map(({ reply, heard: { facts, print } }) => ({
      ...timesOf(reply),
      hotkey: reply.miner.hotkey,
      print,
      ...(facts === undefined ? {} : { facts }),
      ...wordsRecordOf(reply),
    }));
    const scores = await this.deps.judges.judge({ kind: 'tts', question, replies: spoken }, signal);
    return replies.map((reply) => {
      const place = audible.findIndex((entry) => entry.reply === reply);
      return scores[place] ?? this.unjudged(reply);
    });
  }

  /** Each reply once; one that the judges failed on is not tried again, for it may be what they fail on. */
  private async hear(reply: Reply, signal: AbortSignal): Promise<void> {
    if (this.heard.has(reply.reply)) return;
    const { judges, budgets } = this.deps;
    try {
      const question = { language: this.task.language, text: this.text };
      const spoken = { question, audio: reply.reply.output, ...this.listeningPlace(reply) };
      const heard = await judges.hear(spoken, signal);
      // Measuring the sound is paid for too, so that both together stay within the share.
      budgets.tts.spend(heard.spentMs);
      this.heard.set(reply.reply, { kind: 'heard', ...heard });
    } catch (error) {
      signal.throwIfAborted();
      this.log.error({ err: error }, 'a spoken reply could not be judged');
      this.heard.set(reply.reply, { kind: 'failed' });
    }
  }

  /**
   * Where in the text its words are listened to: one place a task, so that its replies are comparable, drawn when they
   * are there; nowhere while that costs more than it may. A miner whose words were never listened to is always
   * listened to, or a new name could say anything.
   */
  private listeningPlace({ miner }: Reply): Pick<SpokenReply, 'place'> {
    const { budgets, random } = this.deps;
    this.listening ??= { place: random(), isOpen: budgets.tts.isOpen };
    const { place, isOpen } = this.listening;
    return isOpen || miner.rating?.parts['words'] === undefined ? { place } : {};
  }

  private worthNothing(reply: Reply): Score {
    const { policy } = this.deps;
    const found = part('judge', 0, 'The judge failed on it alone, and on none of the other replies.');
    return lower(combine(0, speedOf(timesOf(reply), this.size, policy), [], policy), [found]);
  }

  private unjudged(reply: Reply): Score {
    const { policy } = this.deps;
    const part = unmeasured('judge', 'The judge failed on it, so nothing is known of its accuracy.');
    return combine(undefined, speedOf(timesOf(reply), this.size, policy), [part], policy);
  }
}
