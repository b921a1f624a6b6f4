import type { Score, ScorePart } from '../task.js';
import { combine } from './combine.js';
import { part } from './part.js';
import type { Policy } from './policy.js';
import { speedOf, type ReplyTimes } from './speed.js';
import { names, numbers } from './summary/anchors.js';
import { compression } from './summary/compression.js';
import { coverage } from './summary/coverage.js';
import { critic, type Critique } from './summary/critique.js';
import { ending } from './summary/ending.js';
import { language } from './summary/language.js';
import { sourceOf, type Measure, type Source, type SummaryPolicy } from './summary/measure.js';
import { phrasing } from './summary/phrasing.js';
import { polarity } from './summary/polarity.js';
import { repetition } from './summary/repetition.js';
import { swaps } from './summary/swaps.js';
import { Cutter } from './summary/text.js';
import { Vocabulary } from './summary/vocabulary.js';
import { codePoints } from './words.js';

export interface SummaryReply extends ReplyTimes {
  readonly text: string;
  /** Absent where no critic was asked. */
  readonly critique?: Critique;
}

export interface SummaryQuestion {
  /** ISO 639-1. */
  readonly language: string;
  readonly text: string;
  /** Sentences that were asked for at most. */
  readonly maxSentences?: number;
}

/**
 * Judges summaries against their source. Accuracy is the product of what each part leaves of it: a part of value v
 * leaves 1 - cost (1 - v), with the cost of the policy; one that could not be measured leaves all. A summary that is
 * too long, the source itself among them, is worth nothing and looked at no further, so the work is bounded by the
 * length of the source.
 *
 * Negations and swapped words are seen in sentences that keep the source's words around them. What is worded anew is
 * known by its words, numbers and names alone, unless a critic has read it.
 *
 * The words of earlier texts and the last sources stay prepared: the replies to a task come one by one, and most words
 * of a text are in others too. What is kept changes no score.
 */
export class SummaryJudge {
  private readonly cutters = new Map<string, LanguageCutter>();
  /** Latest last. */
  private prepared: readonly PreparedSource[] = [];

  constructor(private readonly policy: Policy) {}

  /** One score a reply, in their order. */
  judge(question: SummaryQuestion, replies: readonly SummaryReply[]): readonly Score[] {
    const { policy } = this;
    const size = { audioMs: 0, characters: codePoints(question.text) };
    const { partsOf } = this.preparedFor(question);
    const critics = critic(replies.map(({ critique }) => critique));
    return replies.map((reply, index) => {
      const parts = partsOf(reply.text);
      const criticised = critics[index];
      const left =
        accuracyOf(parts, policy.summary) * leaves(policy.summary.costs.critic, criticised?.counts);
      const shown = criticised === undefined ? parts : [...parts, criticised.part];
      return combine(left, speedOf(reply, size, policy), shown, policy);
    });
  }

  private preparedFor(question: SummaryQuestion): PreparedSource {
    const known = this.prepared.find((source) => isSameQuestion(source.question, question));
    const source = known ?? {
      question,
      partsOf: judgeOf(question, this.cutterFor(question.language), this.policy.summary),
    };
    this.prepared = [...this.prepared.filter((other) => other !== known), source].slice(-MAX_PREPARED);
    return source;
  }

  private cutterFor(language: string): LanguageCutter {
    const known = this.cutters.get(language);
    if (known !== undefined && known.cutter.keptCharacters <= MAX_KEPT_CHARACTERS) return known;
    const vocabulary = new Vocabulary(language);
    const { capitalsAreNames } = vocabulary.lexicon;
    const cutter = { cutter: new Cutter(vocabulary), capitalsAreNames };
    this.cutters.set(language, cutter);
    return cutter;
  }
}

/** Sources that stay prepared for further replies; the largest takes some 10 MB. */
const MAX_PREPARED = 4;
/** Characters of distinct words of a language from which on they are collected anew: some 10 MB. */
const MAX_KEPT_CHARACTERS = 2 ** 19;

interface LanguageCutter {
  readonly cutter: Cutter;
  readonly capitalsAreNames: boolean;
}

type PartsOf = (text: string) => readonly ScorePart[];

interface PreparedSource {
  readonly question: SummaryQuestion;
  readonly partsOf: PartsOf;
}

function isSameQuestion(a: SummaryQuestion, b: SummaryQuestion): boolean {
  return a.language === b.language && a.maxSentences === b.maxSentences && a.text === b.text;
}

function judgeOf(
  question: SummaryQuestion,
  { cutter, capitalsAreNames }: LanguageCutter,
  policy: SummaryPolicy,
): PartsOf {
  const source = sourceOf(cutter.cut(question.text), capitalsAreNames);
  const compressed = compression(source, policy, question.maxSentences);
  const measures = measuresOf(source, policy);
  const maxUnits = policy.maxUnitsRatio * question.text.length + policy.maxUnitsMore;
  const judge = (text: string): readonly ScorePart[] => {
    if (text.length > maxUnits) return [part('compression', 0, 'It is longer than the source.')];
    const summary = cutter.cut(text);
    const length = compressed(summary);
    if (length.value === 0) return [length];
    return [...measures.map((measure) => measure(summary)), length];
  };
  // Miners with the same engine often give the same text, and replies are judged again when another one comes.
  const judged = new Map<string, readonly ScorePart[]>();
  return (text) => {
    const parts = judged.get(text) ?? judge(text);
    judged.set(text, parts);
    return parts;
  };
}

function measuresOf(source: Source, policy: SummaryPolicy): readonly Measure[] {
  return [
    coverage(source, policy),
    phrasing(source, policy),
    numbers(source, policy),
    names(source, policy),
    swaps(source, policy),
    polarity(source, policy),
    repetition(source),
    language(source, policy),
    ending(source),
  ];
}

function accuracyOf(parts: readonly ScorePart[], { costs }: SummaryPolicy): number {
  const table: Readonly<Record<string, number>> = costs;
  return parts.reduce((left, { name, value }) => left * leaves(table[name] ?? 0, value), 1);
}

function leaves(cost: number, value: number | undefined): number {
  return value === undefined ? 1 : 1 - cost * (1 - value);
}
