import type { ScorePart } from '../../task.js';
import { part, percent, unit, unmeasured } from '../part.js';

/** What a critic who read the source and the summary says of it. */
export type Critique =
  | {
      readonly kind: 'given';
      /** Share of the summary that the source supports, in [0, 1]. */
      readonly faithful: number;
      /** Share of what matters in the source that the summary has, in [0, 1]. */
      readonly complete: number;
    }
  | {
      /** So much longer than its source that the critic does not read it; counts as nothing. */
      readonly kind: 'padded';
    }
  | {
      readonly kind: 'failed';
      /** A phrase without a full stop. */
      readonly reason: string;
    };

/** The critic's part of a reply's score, and the value that counts; none where the critic judged no reply. */
export interface Criticised {
  readonly part: ScorePart;
  readonly counts: number | undefined;
}

/**
 * What the critic's judgement is worth for each reply. A reply that it failed on counts like the middle one of those
 * that it judged: if it counted whole, or if the critic then counted for none, miners could gain by summaries that
 * break the critic.
 */
export function critic(critiques: readonly (Critique | undefined)[]): readonly (Criticised | undefined)[] {
  const middle = middleOf(
    critiques.flatMap((critique) => (critique?.kind === 'given' ? [worth(critique)] : [])),
  );
  return critiques.map((critique) => {
    if (critique === undefined) return undefined;
    if (critique.kind === 'padded')
      return {
        part: part('critic', 0, 'It is longer than its source, so that the critic does not read it.'),
        counts: 0,
      };
    if (critique.kind === 'failed') {
      const instead =
        middle === undefined ? '' : `; ${percent(middle)}, the middle of the others, counts instead`;
      return {
        part: unmeasured('critic', `The critic failed: ${critique.reason}${instead}.`),
        counts: middle,
      };
    }
    const counts = worth(critique);
    const faithful = percent(unit(critique.faithful));
    const complete = percent(unit(critique.complete));
    const told = `The critic finds it ${faithful} faithful and ${complete} complete.`;
    return { part: part('critic', counts, told), counts };
  });
}

function worth({ faithful, complete }: Critique & { kind: 'given' }): number {
  return unit(faithful) * unit(complete);
}

/** The lower one of two middle ones. */
function middleOf(values: readonly number[]): number | undefined {
  return [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)];
}
