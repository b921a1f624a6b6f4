import type { Score, TaskKind } from '../task.js';
import { printLikeness, type Print } from './answer-print.js';
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

/**
 * The last answers to all tasks, to know one again that was already given to another question. Kept in memory alone:
 * what it forgets costs nothing but a free repetition.
 */
export class RecentAnswers {
  /** Oldest first. */
  private readonly entries: Entry[] = [];

  /** @param max answers that are kept; 2,048 take about 1 MiB and 1 ms to look through for one answer */
  constructor(private readonly max: number) {}

  /**
   * What is known from other tasks: `constant` when the miner itself gave the answer there, `other_task` when
   * somebody else did. Each such task halves what the answer is worth; speech of other words is worth nothing.
   *
   * The same answer may be right twice. So it is not held against an answer that the question was nearly the same,
   * that it is a transcript of a few words, that a transcript is confirmed by the known text, or that most of at
   * least three miners heard the same.
   *
   * @returns the findings against each answer, in their order
   */
  findings(
    task: RememberedTask,
    answers: readonly (RememberedAnswer & { readonly score: Score })[],
    policy: Policy,
  ): readonly (readonly Measured[])[] {
    const { likeness, inputLikeness, minWords } = policy.copies.recent;
    const others = this.entries.filter(
      ({ kind, input }) => kind === task.kind && printLikeness(input, task.input) < inputLikeness,
    );
    return answers.map((answer) => {
      if (task.kind !== 'tts' && answer.print.size < minWords) return [];
      const same = others.filter(({ print }) => printLikeness(print, answer.print) >= likeness);
      if (same.length === 0 || isExplained(task, answer, { answers, policy })) return [];
      return [finding(task, answer, same)];
    });
  }

  /** Keeps the answers to a task; once for each miner, however often a task is judged. */
  remember({ kind, input }: RememberedTask, answers: readonly RememberedAnswer[]): void {
    for (const { hotkey, print } of answers) {
      const isKept = this.entries.some(
        (entry) => entry.hotkey === hotkey && entry.kind === kind && entry.input.digest === input.digest,
      );
      if (!isKept) this.entries.push({ kind, input, hotkey, print });
    }
    this.entries.splice(0, this.entries.length - this.max);
  }
}

function isExplained(
  { kind }: RememberedTask,
  answer: RememberedAnswer & { readonly score: Score },
  { answers, policy }: { readonly answers: readonly RememberedAnswer[]; readonly policy: Policy },
): boolean {
  if (kind !== 'transcription') return false;
  const { likeness, confirmedValue } = policy.copies.recent;
  const confirmed = answer.score.parts.some(
    ({ name, value }) => name === 'reference' && value !== undefined && value >= confirmedValue,
  );
  const agreeing = answers.filter(({ print }) => printLikeness(print, answer.print) >= likeness).length;
  return confirmed || (agreeing > answers.length / 2 && answers.length >= 3);
}

function finding({ kind }: RememberedTask, { hotkey }: RememberedAnswer, same: readonly Entry[]): Measured {
  const tasks = new Set(same.map(({ input }) => input.digest)).size;
  const value = kind === 'tts' ? 0 : 0.5 ** tasks;
  const where = tasks === 1 ? 'another task lately' : `${tasks} other tasks lately`;
  return same.some((entry) => entry.hotkey === hotkey)
    ? part('constant', value, `The miner gave the same answer to ${where}.`)
    : part('other_task', value, `The same answer was given to ${where}.`);
}
