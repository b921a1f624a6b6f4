import { seeded } from '../unit/score/seeded.js';
import { accuracyOf, LEARNERS, type Example } from './classifier.js';
import { simulate, type Simulation } from './simulation.js';

/** What a classifier may reach where a coin reaches a half. */
export const MAX_ACCURACY = 0.55;

export interface Accuracies {
  /** Questions of each class, of all seeds together. */
  readonly examples: number;
  /** Of each classifier, the mean over the seeds. */
  readonly means: Readonly<Record<keyof typeof LEARNERS, number>>;
  readonly line: string;
}

/** How well classifiers tell own questions from those of users, on the half that they were not trained on. */
export async function classify(
  options: Omit<Simulation, 'seed'>,
  seeds: readonly number[],
): Promise<Accuracies> {
  const runs: (readonly Example[])[] = [];
  for (const seed of seeds) runs.push(await simulate({ ...options, seed }));
  const mean = (name: keyof typeof LEARNERS) =>
    runs.reduce((sum, run, place) => sum + accuracyOf(LEARNERS[name], run, seeded(7 + place)), 0) /
    runs.length;
  const means = { logistic: mean('logistic'), stumps: mean('stumps'), nearest: mean('nearest') };
  const examples = runs.reduce(
    (sum, run) =>
      sum + Math.min(run.filter(({ label }) => label).length, run.filter(({ label }) => !label).length),
    0,
  );
  const shown = Object.entries(means).map(([name, share]) => `${name} ${(100 * share).toFixed(1)} %`);
  return { examples, means, line: `${shown.join(', ')} of ${examples} own questions and as many of users` };
}
