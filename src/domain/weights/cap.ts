/**
 * Cuts the largest weights so that none is above a share of the sum of what is left. Where the share leaves no choice
 * (as many weights as fit, or fewer), all become equal.
 *
 * @param weights above 0
 * @param maxShare in (0, 1]
 * @returns the others as they were; the sum is not that of before
 */
export function capped(weights: readonly number[], maxShare: number): readonly number[] {
  if (weights.length * maxShare <= 1) return weights.map(() => 1);
  const limit = capOf(weights, maxShare);
  return weights.map((weight) => Math.min(weight, limit));
}

/** The weight that has exactly the share when every larger one is cut to it; the largest where that has less. */
function capOf(weights: readonly number[], maxShare: number): number {
  const sorted = weights.toSorted((a, b) => a - b);
  // Summed from the smallest up: taking the large ones off a sum leaves nothing but rounding.
  let sum = 0;
  const sums = sorted.map((weight) => (sum += weight));
  for (let cutCount = 0; cutCount < sorted.length; cutCount += 1) {
    const place = sorted.length - 1 - cutCount;
    const weight = sorted[place] ?? 0;
    // With the `cutCount` largest cut to `limit`: limit = maxShare * (cutCount * limit + the rest).
    const limit = (maxShare * (sums[place] ?? 0)) / (1 - cutCount * maxShare);
    if (weight <= limit) return limit;
  }
  return sorted[0] ?? 0;
}
