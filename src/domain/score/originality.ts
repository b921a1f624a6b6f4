import { printLikeness, type Print } from './answer-print.js';
import { encode } from './edit-distance.js';
import { falling, part, percent, type Measured } from './part.js';
import type { Policy } from './policy.js';
import { pairsOf } from './shared-errors.js';
import { spokenWords } from './spoken-words.js';

/** A text that was to be spoken or summarized. */
export interface TextQuestion {
  readonly kind: 'tts' | 'summarization';
  readonly language: string;
  readonly text: string;
}

/** Characters from which on a text has more words than a short one, and some words at all. */
const SURELY_LONG = 2_000;
const SURELY_WORDS = 64;

export interface TextAnswer {
  /** The reply as text; absent when it is none, as it should be with speech. */
  readonly text?: string;
  /** `textPrint` of a summary, `bytesPrint` of speech. */
  readonly print: Print;
}

/**
 * What speaks against answers to a text beside their quality: that they say nothing, that they give the text back,
 * that they are the same as one that came before. See `judgeTranscripts` for the like of it among transcripts.
 *
 * Of the same bytes of speech, or nearly the same words of a summary, nothing can tell whether a miner ran the same
 * engine or passed on what another one made: flite, espeak-ng and extractive summarizers give everybody the same.
 * So nobody is accused, but the credit is shared: the first has all of it, each later one half (`laterValue`). Of
 * equal machines with one engine each is first as often as the others; who copies is later and has half at the most;
 * and for one owner of many names, asking one engine once pays no more than asking it each time. Less than half
 * would punish a popular engine, more would pay for names. Speech that was encoded anew and summaries in other words
 * pass: their own quality must tell.
 *
 * @param answers in the order in which they came
 * @returns the findings against each answer, mostly none
 */
export function originalityOf(
  question: TextQuestion,
  answers: readonly TextAnswer[],
  policy: Policy,
): readonly (readonly Measured[])[] {
  let read: readonly string[] | undefined;
  const source = () => (read ??= spokenWords(question.text, question.language));
  const isShort = question.text.length < SURELY_LONG && source().length < policy.copies.minSourceWords;
  // What is much shorter than its source gives back too little of it to be an echo, and need not be read.
  const isRead = (text: string) => text.length < SURELY_WORDS || text.length > question.text.length / 2;
  return answers.map((answer, index) => {
    const words =
      answer.text === undefined || !isRead(answer.text)
        ? undefined
        : spokenWords(answer.text, question.language);
    if (question.kind === 'summarization' && words?.length === 0)
      return [part('empty', 0, 'The answer has no words.')];
    // A text of a sentence or two has no shorter form: honest summaries are alike, and like their source.
    if (question.kind === 'summarization' && isShort) return [];
    return [
      ...(words === undefined ? [] : echo(source(), words, policy)),
      ...later(answer.print, answers.slice(0, index), policy),
    ];
  });
}

function echo(source: readonly string[], words: readonly string[], policy: Policy): readonly Measured[] {
  const [given, own] = pairsOf(encode([source, words]));
  if (given === undefined || own === undefined || given.size === 0) return [];
  let carried = 0;
  for (const pair of given) if (own.has(pair)) carried += 1;
  const share = carried / given.size;
  const { fullShare, zeroShare } = policy.copies.echo;
  if (share <= fullShare) return [];
  const value = falling(share, fullShare, zeroShare);
  return [part('echo', value, `It gives back ${percent(share)} of the text it was given, word for word.`)];
}

function later(print: Print, before: readonly TextAnswer[], policy: Policy): readonly Measured[] {
  const { likeness, laterValue } = policy.copies;
  if (!before.some((other) => printLikeness(other.print, print) >= likeness)) return [];
  return [
    part(
      'copy',
      laterValue,
      'It is the same as an answer that came before it, from the same engine or copied, and brings nothing new.',
    ),
  ];
}
