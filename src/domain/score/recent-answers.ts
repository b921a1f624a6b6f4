import type { Score, TaskKind } from '../task.js';
import { isAsLike, type Print } from './answer-print.js';
import { part, type Measured } from './part.js';
import type { Policy } from './policy.js';

/** A task as far as its answers are remembered. */
export interface RememberedTask {
  readonly kind: TaskKind;
  /** `textPrint` of a text, `bytesPrint` of audio. */
  readonly input: Print;
}

export interface RememberedAnswer {
  readonly hotkey: string;
  /** `bytesPrint` of speech, `textPrint` of anything else. */
  readonly print: Print;
}

type Entry = RememberedTask & RememberedAnswer;

/** Fewer transcripts cannot tell which of them is right. */
const MIN_ANSWERS = 3;

/**
 * The last answers to all tasks, to know one again that was already given to another question. Kept in memory alone:
 * what it forgets costs nothing but a free repetition.
 */
export class RecentAnswers {
  /** Oldest first. */
  private readonly entries: Entry[] = [];
  private readonly keys = new Set<string>();

  /** @param max answers that are kept; 2,048 take about 1 MiB and 0.05 ms to look through for one answer */
  constructor(private readonly max: number) {}

  /**
   * What is known from other tasks: `constant` when the miner itself gave the answer there, `other_task` when
   * somebody else did. Each such task halves what the answer is worth.
   *
   * The same answer may be right twice. So it is not held against an answer that the question was nearly the same,
   * that it is a transcript of a few words, that a transcript is confirmed by the known text, by the only other one
   * or by the validator's own, that most of at least three miners heard the same, or that the words of speech were followed and
   * are the text's. Speech that somebody else gave says nothing at all: engines give everybody the same bytes.
   *
   * @returns the findings against each answer, in their order
   */
  findings(
    task: RememberedTask,
    answers: readonly (RememberedAnswer & { readonly score: Score })[],
    policy: Policy,
  ): readonly (readonly Measured[])[] {
    const { likeness, inputLikeness, minWords } = policy.copies.recent;
    return answers.map((answer) => {
      if (task.kind !== 'tts' && answer.print.size < minWords) return [];
      // Few answers are alike, so that the questions of few need be compared.
      const same = this.entries.filter(
        ({ kind, hotkey, input, print }) =>
          kind === task.kind &&
          (kind !== 'tts' || hotkey === answer.hotkey) &&
          isAsLike(print, answer.print, likeness) &&
          !isAsLike(input, task.input, inputLikeness),
      );
      if (same.length === 0 || isExplained(task, answer, { answers, policy })) return [];
      return [finding(answer, same)];
    });
  }

  /** Keeps the answers to a task; once for each miner, however often a task is judged. */
  remember({ kind, input }: RememberedTask, answers: readonly RememberedAnswer[]): void {
    for (const { hotkey, print } of answers) {
      const entry = { kind, input, hotkey, print };
      const key = keyOf(entry);
      if (this.keys.has(key)) continue;
      this.keys.add(key);
      this.entries.push(entry);
    }
    for (const entry of this.entries.splice(0, this.entries.length - this.max))
      this.keys.delete(keyOf(entry));
  }
}

function keyOf({ kind, input, hotkey }: Entry): string {
  return `${kind} ${input.digest} ${hotkey}`;
}

function isExplained(
  { kind }: RememberedTask,
  answer: RememberedAnswer & { readonly score: Score },
  { answers, policy }: { readonly answers: readonly RememberedAnswer[]; readonly policy: Policy },
): boolean {
  const { likeness, confirmedValue } = policy.copies.recent;
  const confirmed = (part: string): boolean =>
    answer.score.parts.some(
      ({ name, value }) => name === part && value !== undefined && value >= confirmedValue,
    );
  switch (kind) {
    case 'summarization':
      return false;
    case 'tts':
      return confirmed('words');
    case 'transcription': {
      if (confirmed('reference')) return true;
      // Of few, one agrees with the other, or with the validator's own transcript, or with nobody.
      if (answers.length < MIN_ANSWERS) return confirmed('agreement');
      const agreeing = answers.filter(({ print }) => isAsLike(print, answer.print, likeness));
      return agreeing.length > answers.length / 2;
    }
  }
}

function finding({ hotkey }: RememberedAnswer, same: readonly Entry[]): Measured {
  const tasks = new Set(same.map(({ input }) => input.digest)).size;
  const value = 0.5 ** tasks;
  const where = tasks === 1 ? 'another task lately' : `${tasks} other tasks lately`;
  return same.some((entry) => entry.hotkey === hotkey)
    ? part('constant', value, `The miner gave the same answer to ${where}.`)
    : part('other_task', value, `The same answer was given to ${where}.`);
}
