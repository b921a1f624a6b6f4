import type { Policy } from '../../domain/score/policy.js';
import type { WeightTerms, WeightVector } from '../../domain/weight-setter.js';
import { nextAverages } from '../../domain/weights/average.js';
import { weigh, type Weighing } from '../../domain/weights/weigh.js';
import type { VectorRecord, WeightedMiner } from '../ports/weight-ledger.js';
import type { Reputation } from '../reputation.js';

export interface ProposalBase {
  readonly terms: WeightTerms;
  readonly reputation: Pick<Reputation, 'scores' | 'all'>;
  /** After the last setting, by hotkey. */
  readonly averages: ReadonlyMap<string, number>;
  /** Hotkeys of miners that announced where they serve. */
  readonly serving: ReadonlySet<string>;
}

/** What would be set now. */
export interface Proposal {
  readonly weighing: Weighing;
  /** The averages that hold once it is set. */
  readonly averages: ReadonlyMap<string, number>;
  /** The scores of those that are on the subnet, without the validator itself. */
  readonly scores: ReadonlyMap<string, number>;
}

export function propose({ terms, reputation, averages: before, serving }: ProposalBase): Proposal {
  const known = reputation.scores();
  const scores = new Map(
    terms.hotkeys.flatMap((hotkey, uid) => {
      const score = known.get(hotkey);
      return score === undefined || uid === terms.self?.uid ? [] : [[hotkey, score] as const];
    }),
  );
  const averages = nextAverages(before, scores);
  return { weighing: weigh({ terms, averages, serving }), averages, scores };
}

/** Each weight by the hotkey that it is for. */
export function valuesByHotkey(
  { uids, values }: Pick<WeightVector, 'uids' | 'values'>,
  { hotkeys }: WeightTerms,
): ReadonlyMap<string, number> {
  return new Map(uids.map((uid, place) => [hotkeys[uid] ?? '', values[place] ?? 0]));
}

/** Everyone that a vector says or could have said something of: those on the subnet by uid, then those that left. */
export function weightedMiners(
  { terms, reputation, averages: before }: ProposalBase,
  { averages, scores }: Proposal,
  values: ReadonlyMap<string, number>,
): readonly WeightedMiner[] {
  const uids = new Map(terms.hotkeys.map((hotkey, uid) => [hotkey as string, uid]));
  const counted = new Set([...values.keys(), ...scores.keys(), ...before.keys()]);
  return [...counted]
    .sort((a, b) => (uids.get(a) ?? Infinity) - (uids.get(b) ?? Infinity) || (a < b ? -1 : 1))
    .map((hotkey) => {
      const uid = uids.get(hotkey);
      return {
        ...(uid !== undefined && { uid }),
        hotkey,
        score: scores.get(hotkey) ?? 0,
        averageBefore: before.get(hotkey) ?? 0,
        average: averages.get(hotkey) ?? 0,
        value: values.get(hotkey) ?? 0,
        ratings: reputation.all(hotkey).map(({ parts: _, ...rating }) => rating),
      };
    });
}

export interface RecordFacts {
  readonly id: string;
  readonly time: string;
  readonly terms: WeightTerms;
  readonly policy: Policy;
  readonly versionKey: bigint;
  readonly miners: readonly WeightedMiner[];
}

/** The record of a vector. JSON has no 64-bit integers: version keys are text. */
export function vectorRecord({ terms, policy, versionKey, ...facts }: RecordFacts): VectorRecord {
  const { hotkeys: _, ...rest } = terms;
  return {
    kind: 'vector',
    ...facts,
    terms: { ...rest, versionKey: String(terms.versionKey) },
    policyVersion: policy.version,
    policyHash: policy.hash,
    versionKey: String(versionKey),
  };
}
