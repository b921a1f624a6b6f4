import { textPrint, writtenPrint, type Print } from '../domain/score/answer-print.js';
import { lower } from '../domain/score/lower.js';
import { originalityOf } from '../domain/score/originality.js';
import type { Measured } from '../domain/score/part.js';
import type { Policy } from '../domain/score/policy.js';
import { RecentAnswers, type RememberedAnswer, type RememberedTask } from '../domain/score/recent-answers.js';
import type { Score } from '../domain/task.js';
import type { JudgeWork } from './judges.js';

/** Answers that are remembered of all tasks: about 1 MiB. */
const MAX_REMEMBERED = 2_048;

/** Characters of an answer that are compared, whatever it was asked for. */
const MAX_CHARACTERS = 131_072;

/** Answers worth less are not remembered: nobody can plant bad ones to have good ones blamed for being like them. */
const MIN_REMEMBERED_ACCURACY = 0.5;

/** Lowers the scores of answers that are echoes, copies, or answers to other tasks. */
export class KnownAnswers {
  private readonly recent = new RecentAnswers(MAX_REMEMBERED);

  constructor(private readonly policy: Policy) {}

  /** @param scores one a reply, in their order */
  hold(work: JudgeWork, scores: readonly Score[]): readonly Score[] {
    const task = taskOf(work);
    const answers = answersOf(work);
    const own = lowered(scores, this.ownFindings(work, answers));
    const signed = answers.flatMap((answer, place) => {
      const score = own[place];
      return score === undefined ? [] : [{ ...answer, score }];
    });
    const found = this.recent.findings(task, signed, this.policy);
    const good = signed.filter(({ score }) => (score.accuracy ?? 0) >= MIN_REMEMBERED_ACCURACY);
    this.recent.remember(task, good);
    return lowered(own, found);
  }

  /** Transcripts are compared with each other where they are judged. */
  private ownFindings(
    work: JudgeWork,
    answers: readonly RememberedAnswer[],
  ): readonly (readonly Measured[])[] {
    const { kind } = work;
    if (kind === 'transcription') return [];
    const texts = kind === 'summarization' ? work.replies.map(({ text }) => cut(text)) : [];
    return originalityOf(
      { kind, language: work.question.language, text: work.question.text },
      answers.map(({ print }, place) => {
        const text = texts[place];
        return text === undefined ? { print } : { print, text };
      }),
      this.policy,
    );
  }
}

function lowered(scores: readonly Score[], findings: readonly (readonly Measured[])[]): readonly Score[] {
  return scores.map((score, place) => lower(score, findings[place] ?? []));
}

function taskOf(work: JudgeWork): RememberedTask {
  if (work.kind === 'transcription') return { kind: work.kind, input: work.input };
  const { text, language } = work.question;
  // Speech says the same however its text is written, a summary is of what is written.
  const input = work.kind === 'summarization' ? writtenPrint(text) : textPrint(text, language);
  return { kind: work.kind, input };
}

function answersOf(work: JudgeWork): readonly RememberedAnswer[] {
  if (work.kind === 'tts') return work.replies;
  const { language } = work.question;
  // Miners with the same engine often give the same text.
  const prints = new Map<string, Print>();
  return work.replies.map(({ hotkey, text }) => {
    const print =
      prints.get(text) ??
      (work.kind === 'summarization' ? writtenPrint(cut(text)) : textPrint(cut(text), language));
    prints.set(text, print);
    return { hotkey, print };
  });
}

function cut(text: string): string {
  return text.slice(0, MAX_CHARACTERS);
}
