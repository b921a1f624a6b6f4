/** Numbers of one example, and its class. */
export interface Example {
  readonly features: readonly number[];
  readonly label: boolean;
}

export type Classifier = (features: readonly number[]) => boolean;
export type Learn = (examples: readonly Example[]) => Classifier;

/** Logistic regression by gradient descent on standardized features, with a little decay. */
export const logistic: Learn = (examples) => {
  const width = examples[0]?.features.length ?? 0;
  const weights = new Float64Array(width + 1);
  for (let step = 0; step < 400; step += 1) {
    const gradient = new Float64Array(width + 1);
    for (const { features, label } of examples) {
      const error = sigmoid(dot(weights, features)) - Number(label);
      features.forEach((value, index) => (gradient[index]! += error * value));
      gradient[width]! += error;
    }
    for (let index = 0; index <= width; index += 1)
      weights[index]! -= 0.5 * (gradient[index]! / examples.length + 0.002 * weights[index]!);
  }
  return (features) => dot(weights, features) > 0;
};

interface Stump {
  readonly index: number;
  readonly threshold: number;
  readonly above: boolean;
  readonly say: number;
}

/** AdaBoost over decision stumps. */
export const stumps: Learn = (examples) => {
  const weights = examples.map(() => 1 / examples.length);
  const chosen: Stump[] = [];
  for (let round = 0; round < 40; round += 1) {
    const { error, ...stump } = bestStump(examples, weights);
    const say = Math.log((1 - error) / Math.max(error, 1e-9)) / 2;
    if (error >= 0.499) break;
    chosen.push({ ...stump, say });
    let sum = 0;
    examples.forEach(({ features, label }, place) => {
      const right = features[stump.index]! > stump.threshold === stump.above ? label : !label;
      weights[place]! *= Math.exp(right ? -say : say);
      sum += weights[place]!;
    });
    weights.forEach((weight, place) => (weights[place] = weight / sum));
    if (error < 1e-6) break;
  }
  return (features) =>
    chosen.reduce(
      (sum, { index, threshold, above, say }) => sum + (features[index]! > threshold === above ? say : -say),
      0,
    ) > 0;
};

/** The class of most of the 15 nearest. */
export const nearest: Learn = (examples) => (features) => {
  const near = examples
    .map((example) => ({ label: example.label, distance: distance(example.features, features) }))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 15);
  return near.filter(({ label }) => label).length > near.length / 2;
};

export const LEARNERS = { logistic, stumps, nearest } as const;

/** Balanced, standardized, shuffled; trained on one half and right on what share of the other. */
export function accuracyOf(learn: Learn, examples: readonly Example[], random: () => number): number {
  const shuffled = examples
    .map((example) => ({ example, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ example }) => example);
  const [yes, no] = [shuffled.filter(({ label }) => label), shuffled.filter(({ label }) => !label)];
  const each = Math.min(yes.length, no.length);
  const half = Math.floor(each / 2);
  const train = [...yes.slice(0, half), ...no.slice(0, half)];
  const test = [...yes.slice(half, each), ...no.slice(half, each)];
  const scale = scaleOf(train);
  const judge = learn(train.map(scale));
  const right = test.map(scale).filter(({ features, label }) => judge(features) === label);
  return right.length / test.length;
}

function scaleOf(examples: readonly Example[]): (example: Example) => Example {
  const width = examples[0]?.features.length ?? 0;
  const columns = Array.from({ length: width }, (_, index) =>
    examples.map(({ features }) => features[index]!),
  );
  const means = columns.map((column) => column.reduce((sum, value) => sum + value, 0) / column.length);
  const spreads = columns.map((column, index) =>
    Math.sqrt(column.reduce((sum, value) => sum + (value - means[index]!) ** 2, 0) / column.length),
  );
  return ({ features, label }) => ({
    label,
    features: features.map((value, index) => (value - means[index]!) / (spreads[index]! || 1)),
  });
}

function bestStump(
  examples: readonly Example[],
  weights: readonly number[],
): Omit<Stump, 'say'> & { readonly error: number } {
  const width = examples[0]?.features.length ?? 0;
  const positive = examples.reduce((sum, { label }, place) => sum + (label ? weights[place]! : 0), 0);
  let best = { index: 0, threshold: -Infinity, above: true, error: 1 - positive };
  for (let index = 0; index < width; index += 1) {
    const order = examples
      .map(({ features, label }, place) => ({ value: features[index]!, label, weight: weights[place]! }))
      .sort((a, b) => a.value - b.value);
    // Above the threshold is positive: wrong are the positive ones below and the negative ones above.
    let wrong = 1 - positive;
    order.forEach(({ value, label, weight }, place) => {
      wrong += label ? weight : -weight;
      const next = order[place + 1]?.value ?? Infinity;
      if (next === value) return;
      const threshold = next === Infinity ? value : (value + next) / 2;
      if (wrong < best.error) best = { index, threshold, above: true, error: wrong };
      if (1 - wrong < best.error) best = { index, threshold, above: false, error: 1 - wrong };
    });
  }
  return best;
}

function dot(weights: Float64Array, features: readonly number[]): number {
  return features.reduce((sum, value, index) => sum + value * weights[index]!, weights[features.length]!);
}

function distance(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, index) => sum + (value - b[index]!) ** 2, 0);
}

function sigmoid(value: number): number {
  return 1 / (1 + Math.exp(-value));
}
