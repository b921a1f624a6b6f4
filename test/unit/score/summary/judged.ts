import { POLICY } from '../../../../src/domain/score/policy.js';
import {
  SummaryJudge,
  type SummaryQuestion,
  type SummaryReply,
} from '../../../../src/domain/score/summary.js';
import type { Score } from '../../../../src/domain/task.js';

/** By the built-in policy, with nothing kept of other texts. */
export const judgeSummaries = (
  question: SummaryQuestion,
  replies: readonly SummaryReply[],
): readonly Score[] => new SummaryJudge(POLICY).judge(question, replies);

export interface Case {
  readonly source: string;
  readonly summary: string;
  readonly language?: string;
  readonly maxSentences?: number;
}

export const judge = ({ source, summary, language = 'en', maxSentences }: Case): Score => {
  const question = { text: source, language, ...(maxSentences === undefined ? {} : { maxSentences }) };
  const [score] = judgeSummaries(question, [{ text: summary, totalMs: 1000 }]);
  if (score === undefined) throw new Error('no score');
  return score;
};
export const part = (name: string, asked: Case) => judge(asked).parts.find((one) => one.name === name);
export const value = (name: string, asked: Case) => part(name, asked)?.value;

export const SOURCE = [
  'The harbour of Brackwater was deepened to 14 metres in 2019 so that larger ships can enter.',
  'Since then the number of containers has risen from 310,000 to 520,000 a year.',
  'Harbour master Ingrid Solberg said that the pilots were trained on a simulator in Rotterdam.',
  'Fishermen led by Peter Nolan complain that the current has washed mussels from 6 of their 9 banks.',
  'The town council has not approved a second quay, because the road to it is unsafe.',
].join(' ');
