import type { Sentence } from './sentences.js';

/** Part of the random walk that follows similarity; the rest jumps anywhere. */
const DAMPING = 0.85;
const ROUNDS = 30;
/** Weight of a sentence's rank against its likeness to those already chosen (MMR). */
const RELEVANCE = 0.7;
/** Sentences that are compared: the pairs grow with the square. */
const MAX_CANDIDATES = 800;
/** Shorter sentences, in words, say too little alone. */
const MIN_WORDS = 3;

type Vector = ReadonlyMap<string, number>;

/**
 * Picks the sentences that say most of a text: LexRank (a random walk over the cosine likeness of
 * their tf-idf vectors), then maximal marginal relevance against repetition.
 *
 * @returns indexes into `sentences`, in their order, at most `count` and at least one of a text
 */
export function lexRank(sentences: readonly Sentence[], count: number): readonly number[] {
  if (sentences.length <= count) return sentences.map((_, index) => index);
  const candidates = candidatesOf(sentences, count);
  if (candidates.length <= count) return candidates;
  const vectors = tfIdf(candidates.map((index) => sentences[index]?.words ?? []));
  // No likeness to itself, or the walk would stay in sentences that nothing else is like.
  const likeness = vectors.map((a) => Float64Array.from(vectors, (b) => (a === b ? 0 : dot(a, b))));
  return choose(randomWalk(likeness), likeness, count)
    .map((chosen) => candidates[chosen] ?? 0)
    .sort((a, b) => a - b);
}

function candidatesOf(sentences: readonly Sentence[], count: number): number[] {
  const seen = new Set<string>();
  const all = sentences.flatMap(({ words }, index) => {
    const key = words.join(' ');
    if (seen.has(key)) return [];
    seen.add(key);
    return [index];
  });
  const wordCount = (index: number): number => new Set(sentences[index]?.words).size;
  const telling = all.filter((index) => wordCount(index) >= MIN_WORDS);
  const candidates = telling.length >= count ? telling : all;
  if (candidates.length <= MAX_CANDIDATES) return candidates;
  return candidates
    .map((index) => ({ index, words: wordCount(index) }))
    .sort((a, b) => b.words - a.words || a.index - b.index)
    .slice(0, MAX_CANDIDATES)
    .map(({ index }) => index)
    .sort((a, b) => a - b);
}

/** Vectors of length one; words that most sentences have count little. */
function tfIdf(documents: readonly (readonly string[])[]): Vector[] {
  const documentCounts = new Map<string, number>();
  for (const words of documents)
    for (const word of new Set(words)) documentCounts.set(word, (documentCounts.get(word) ?? 0) + 1);
  return documents.map((words) => {
    const weights = new Map<string, number>();
    for (const word of words) {
      const idf = Math.log(1 + documents.length / (documentCounts.get(word) ?? 1));
      weights.set(word, (weights.get(word) ?? 0) + idf);
    }
    const length = Math.sqrt([...weights.values()].reduce((sum, weight) => sum + weight * weight, 0));
    return new Map([...weights].map(([word, weight]) => [word, weight / length]));
  });
}

function dot(a: Vector, b: Vector): number {
  const [small, large] = a.size < b.size ? [a, b] : [b, a];
  let sum = 0;
  for (const [word, weight] of small) sum += weight * (large.get(word) ?? 0);
  return sum;
}

function randomWalk(likeness: readonly Float64Array[]): Float64Array {
  const size = likeness.length;
  const sums = likeness.map((row) => row.reduce((sum, value) => sum + value, 0) || 1);
  let rank = new Float64Array(size).fill(1 / size);
  for (let round = 0; round < ROUNDS; round++) {
    const next = new Float64Array(size).fill((1 - DAMPING) / size);
    likeness.forEach((row, from) => {
      const share = (DAMPING * (rank[from] ?? 0)) / (sums[from] ?? 1);
      for (let to = 0; to < size; to++) next[to] = (next[to] ?? 0) + share * (row[to] ?? 0);
    });
    rank = next;
  }
  return rank;
}

function choose(rank: Float64Array, likeness: readonly Float64Array[], count: number): number[] {
  const highest = Math.max(...rank);
  const chosen: number[] = [];
  const likest = new Float64Array(rank.length);
  while (chosen.length < count) {
    let best = { index: -1, value: -Infinity };
    rank.forEach((value, index) => {
      const gain = RELEVANCE * (value / highest) - (1 - RELEVANCE) * (likest[index] ?? 0);
      if (gain > best.value && !chosen.includes(index)) best = { index, value: gain };
    });
    chosen.push(best.index);
    likeness[best.index]?.forEach((value, index) => (likest[index] = Math.max(likest[index] ?? 0, value)));
  }
  return chosen;
}
