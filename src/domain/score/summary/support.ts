import { falling } from '../part.js';
import type { Source, SummaryPolicy } from './measure.js';
import type { Text } from './text.js';
import type { Word } from './vocabulary.js';

/** Words on each side of an anchor by which its place is known. */
const REACH = 4;
/** A word that only holds the sentence together says so much less of the place. */
const FUNCTION_WEIGHT = 0.3;
/** A neighbour on the right side at another distance counts so much less. */
const SHIFTED_WEIGHT = 0.5;
/** Less than this around an anchor proves nothing. */
const MIN_WEIGHT = 1.2;

/**
 * How far anchors of a summary, which are numbers or names, stand where the source has them. What is around one is
 * compared with what is around each anchor of the source: it is wrong when another one fits much better. So swapped
 * numbers are seen, while in a rewording no other anchor fits much better than the right one.
 */
export class Support {
  /** 1 for each place of the source that has one. */
  private readonly anchors: Uint8Array;
  private readonly known: ReadonlySet<number>;

  constructor(
    private readonly source: Source,
    private readonly isAnchor: (word: Word) => boolean,
    private readonly policy: SummaryPolicy['anchors'],
  ) {
    this.anchors = new Uint8Array(source.words.length);
    source.words.forEach((word, place) => {
      if (isAnchor(word)) this.anchors[place] = 1;
    });
    this.known = new Set(source.distinct.filter(isAnchor).map(({ stem }) => stem));
  }

  /** One value in [0, 1] for each place, or for evenly spread ones of very many; 0 where the source has no such anchor. */
  at(places: readonly number[], summary: Text): readonly number[] {
    const step = Math.ceil(places.length / this.policy.maxPlaces);
    return places.filter((_, index) => index % step === 0).map((place) => this.atOne(place, summary));
  }

  private atOne(place: number, summary: Text): number {
    const stem = summary.words[place]?.stem ?? -1;
    if (!this.known.has(stem)) return 0;
    const { total, votes } = this.votes(place, summary);
    let own = 0;
    let other = 0;
    for (const [anchor, weight] of votes)
      if (this.source.words[anchor]?.stem === stem) own = Math.max(own, weight);
      else other = Math.max(other, weight);
    const { fullMargin, zeroMargin } = this.policy;
    return falling((other - own) / Math.max(total, MIN_WEIGHT), fullMargin, zeroMargin);
  }

  /** The weight of what is around a place, and how much of it each anchor of the source has around it. */
  private votes(place: number, { words, sentenceOf }: Text): { total: number; votes: Map<number, number> } {
    const votes = new Map<number, number>();
    let total = 0;
    for (let offset = -REACH; offset <= REACH; offset += 1) {
      const neighbour = words[place + offset];
      if (offset === 0 || neighbour === undefined || this.isAnchor(neighbour)) continue;
      const seen = this.source.positions.of(neighbour.stem);
      if (seen === undefined || sentenceOf[place + offset] !== sentenceOf[place]) continue;
      const weight = (neighbour.kind === 'function' ? FUNCTION_WEIGHT : 1) / Math.abs(offset);
      total += weight;
      for (const position of seen) this.vote(position, offset, weight, votes);
    }
    return { total, votes };
  }

  /** Adds the weight of a word of the source to the anchors that have it on the side of `offset`. */
  private vote(position: number, offset: number, weight: number, votes: Map<number, number>): void {
    const { sentenceOf } = this.source;
    for (let distance = 1; distance <= REACH; distance += 1) {
      const anchor = position - Math.sign(offset) * distance;
      if (this.anchors[anchor] !== 1 || sentenceOf[anchor] !== sentenceOf[position]) continue;
      const share = distance === Math.abs(offset) ? weight : weight * SHIFTED_WEIGHT;
      votes.set(anchor, (votes.get(anchor) ?? 0) + share);
    }
  }
}
