import type { ScorePart } from '../../task.js';
import { part, percent, unit, unmeasured } from '../part.js';
import type { Measure, Source, SummaryPolicy } from './measure.js';
import type { Text } from './text.js';
import type { Script } from './vocabulary.js';

/**
 * Whether a summary is written in the source's scripts and holds its sentences together with as many function words
 * of the language as the source: a text in another language has few of them, a list of keywords next to none.
 */
export function language(source: Source, { language: numbers }: SummaryPolicy): Measure {
  const scripts = scriptsOf(source, numbers.minScriptShare);
  const usual = functionShare(source);
  return (summary): ScorePart => {
    const written = scriptShare(summary, scripts);
    if (summary.words.length < numbers.minWords || usual < numbers.minFunctionShare)
      return scripts.size === 0
        ? unmeasured('language', 'The source has no words to know its language by.')
        : part('language', written, `${percent(written)} of its words are in the script of the source.`);
    const own = functionShare(summary);
    const value = unit((own / usual - numbers.zeroRatio) / (numbers.fullRatio - numbers.zeroRatio));
    return part(
      'language',
      written * value,
      `${percent(written)} of its words are in the script of the source, and ${percent(own)} are function words of ` +
        `the language, ${percent(usual)} in the source.`,
    );
  };
}

function scriptsOf({ words }: Text, minShare: number): ReadonlySet<Script> {
  const counts = new Map<Script, number>();
  let total = 0;
  for (const { script } of words) {
    if (script === 'none') continue;
    total += 1;
    counts.set(script, (counts.get(script) ?? 0) + 1);
  }
  return new Set([...counts].filter(([, count]) => count >= minShare * total).map(([script]) => script));
}

function scriptShare({ words }: Text, scripts: ReadonlySet<Script>): number {
  let total = 0;
  let written = 0;
  for (const { script } of words) {
    if (script === 'none') continue;
    total += 1;
    if (scripts.has(script)) written += 1;
  }
  return total === 0 ? 1 : written / total;
}

function functionShare({ words }: Text): number {
  let count = 0;
  for (const { kind } of words) if (kind === 'function' || kind === 'negator') count += 1;
  return words.length === 0 ? 0 : count / words.length;
}
