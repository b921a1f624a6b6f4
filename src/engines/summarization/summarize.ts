import { LANGUAGES } from '../../domain/task.js';
import type { Engine, EngineOutput, EngineWork } from '../engine.js';
import { decodeText, encodeText, PLAIN_TEXT } from '../text.js';
import { lexRank } from './lexrank.js';
import { splitSentences } from './sentences.js';

/** Sentences of a summary unless wanted otherwise: a part of the text's, within bounds. */
const DEFAULT_SHARE = 0.3;
const DEFAULT_MAX_SENTENCES = 5;

/**
 * Summaries of a text's own sentences, so they keep its language. Takes 5 ms for a page; at most about
 * half a second for 50,000 characters.
 */
export function lexRankSummarizer(): Engine {
  return { kind: 'summarization', name: 'lexrank', model: '', languages: LANGUAGES, run: summarize };
}

async function summarize(work: EngineWork): Promise<EngineOutput> {
  work.signal.throwIfAborted();
  const sentences = await splitSentences(decodeText(work.input), work.language);
  const chosen = lexRank(sentences, work.maxSentences ?? defaultCount(sentences.length));
  const space = work.language === 'zh' || work.language === 'ja' ? '' : ' ';
  const summary = chosen.map((index) => sentences[index]?.text ?? '').join(space);
  return { output: encodeText(summary), mediaType: PLAIN_TEXT, model: 'lexrank', segments: [] };
}

function defaultCount(sentences: number): number {
  return Math.max(1, Math.min(DEFAULT_MAX_SENTENCES, Math.round(sentences * DEFAULT_SHARE)));
}
