import { combine } from '../domain/score/combine.js';
import { unmeasured } from '../domain/score/part.js';
import type { Policy } from '../domain/score/policy.js';
import { trustIn } from '../domain/score/rating.js';
import { speedOf, type ReplyTimes, type WorkSize } from '../domain/score/speed.js';
import type { SpeechFacts } from '../domain/score/speech.js';
import { codePoints } from '../domain/score/words.js';
import type { Score, TaskKind } from '../domain/task.js';
import type { Clock } from '../runtime/clock.js';
import type { Logger } from '../runtime/logger.js';
import type { Reply } from './asking.js';
import type { Judges } from './judges.js';
import type { MinerReply } from './ports/miner-client.js';
import { OwnTranscript, type ReferenceBudget } from './reference.js';
import { MIN_OWN_TRANSCRIPT_MS } from './settings.js';
import { textOf } from './usable-reply.js';

/** What the replies are answers to. */
export interface JudgedTask {
  readonly kind: TaskKind;
  readonly language: string;
  readonly input: Uint8Array;
  /** 0 for text. */
  readonly audioMs: number;
}

export interface JudgeDeps {
  readonly judges: Judges;
  readonly policy: Policy;
  readonly budget: ReferenceBudget;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
}

/** Replies and what they are worth. */
export interface Judged {
  /** In the order in which they came. */
  readonly replies: readonly Reply[];
  /** One a reply, in their order. */
  readonly scores: readonly Score[];
}

/** What came of hearing a spoken reply; `failed` is the judges' fault, not the miner's. */
type Heard =
  { readonly kind: 'facts'; readonly facts: SpeechFacts | undefined } | { readonly kind: 'failed' };

/** Judges the replies to one task; may be asked again when more of them came. */
export class Judge {
  /** What a time is measured against. */
  readonly size: WorkSize;
  private readonly text: string;
  private readonly heard = new Map<MinerReply, Heard>();
  private readonly own: OwnTranscript;
  /** One of the share of tasks that the validator hears itself however many replies there are. */
  private readonly isSampled: boolean;

  constructor(
    private readonly deps: JudgeDeps,
    private readonly task: JudgedTask,
    private readonly log: Logger,
  ) {
    const { kind, input, language, audioMs } = task;
    this.text = kind === 'transcription' ? '' : (textOf(input) ?? '');
    this.size = { audioMs, characters: codePoints(this.text) };
    this.own = new OwnTranscript(deps, { audio: input, language });
    this.isSampled = kind === 'transcription' && deps.random() < deps.policy.reference.sampledShare;
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

  private wantsOwn(replyCount: number): boolean {
    const isFew = replyCount < this.deps.policy.reference.minReplies;
    return this.task.kind === 'transcription' && (this.isSampled || isFew);
  }

  private async guarded(
    replies: readonly Reply[],
    own: string | undefined,
    signal: AbortSignal,
  ): Promise<readonly Score[]> {
    if (replies.length === 0) return [];
    try {
      return await this.judged(replies, own, signal);
    } catch (error) {
      signal.throwIfAborted();
      this.log.error({ err: error }, 'replies could not be judged');
      return replies.map((reply) => this.unjudged(reply));
    }
  }

  private judged(
    replies: readonly Reply[],
    own: string | undefined,
    signal: AbortSignal,
  ): Promise<readonly Score[]> {
    const { judges, policy } = this.deps;
    const { kind, language, audioMs } = this.task;
    switch (kind) {
      case 'transcription': {
        const question = { language, audioMs, ...(own === undefined ? {} : { reference: own }) };
        const weighed = replies.map((reply) => ({
          ...asText(reply),
          weight: trustIn(reply.miner.rating, policy),
        }));
        return judges.judge({ kind, question, replies: weighed }, signal);
      }
      case 'tts':
        return this.speech(replies, signal);
      case 'summarization': {
        const question = { language, text: this.text };
        return judges.judge({ kind, question, replies: replies.map(asText) }, signal);
      }
    }
  }

  private async speech(replies: readonly Reply[], signal: AbortSignal): Promise<readonly Score[]> {
    // In turn: one thread hears them all.
    for (const { reply } of replies) await this.hear(reply, signal);
    const audible = replies.flatMap((reply) => {
      const heard = this.heard.get(reply.reply);
      return heard?.kind === 'facts' ? [{ reply, facts: heard.facts }] : [];
    });
    const question = { language: this.task.language, text: this.text };
    const spoken = audible.map(({ reply, facts }) => ({
      ...timesOf(reply),
      ...(facts === undefined ? {} : { facts }),
    }));
    const scores = await this.deps.judges.judge({ kind: 'tts', question, replies: spoken }, signal);
    return replies.map((reply) => {
      const place = audible.findIndex((entry) => entry.reply === reply);
      return scores[place] ?? this.unjudged(reply);
    });
  }

  /** Each reply once; one that the judges failed on is not tried again, for it may be what they fail on. */
  private async hear(reply: MinerReply, signal: AbortSignal): Promise<void> {
    if (this.heard.has(reply)) return;
    try {
      const facts = await this.deps.judges.hear(reply.output, signal);
      this.heard.set(reply, { kind: 'facts', facts });
    } catch (error) {
      signal.throwIfAborted();
      this.log.error({ err: error }, 'a spoken reply could not be judged');
      this.heard.set(reply, { kind: 'failed' });
    }
  }

  private unjudged(reply: Reply): Score {
    const { policy } = this.deps;
    const part = unmeasured('judge', 'The judge failed on it, so nothing is known of its accuracy.');
    return combine(undefined, speedOf(timesOf(reply), this.size, policy), [part], policy);
  }
}

function asText(reply: Reply): ReplyTimes & { readonly text: string } {
  return { ...timesOf(reply), text: textOf(reply.reply.output) ?? '' };
}

/** By this clock alone; the miner's own figure is no part of it. */
function timesOf({ miner, reply: { totalMs, firstByteMs } }: Reply): ReplyTimes {
  const { roundTripMs } = miner;
  return { totalMs, firstByteMs, ...(roundTripMs === undefined ? {} : { networkMs: roundTripMs }) };
}
