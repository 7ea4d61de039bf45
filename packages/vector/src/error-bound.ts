import { laneLimit } from "./lanes.ts";
import type { ContributionRule } from "./shape.ts";

/**
 * Room for the float64 roundings of encoding, decoding and a float64 reference: together below 2^-18 of a rounding step of one lane,
 * as |v| < 2^30 and float64 has 53 bits.
 */
const floatRoom = 1 + 2 ** -16;

/**
 * How far at most a coordinate of the decoded mean is from the weighted mean of the same clipped updates:
 *
 *   survivors * c * (1 / L + 4^(1-q)) / (weight / W)
 *
 * because stochastic rounding moves each lane by at most 1 of its L / c steps, and each weight by at most 1 of its 4^(q-1):
 * (U + e) / (w + f) - U / w = (e - f U / w) / (w + f), and |U / w| ≤ c. A bound, not an estimate: the error is unbiased and its
 * standard deviation smaller by about 2 * sqrt(survivors).
 * @param sum `weight` is the one `decodeSum` returned, in rows
 */
export function aggregateErrorBound(sum: { readonly rule: ContributionRule; readonly survivors: number; readonly weight: number }): number {
  const { rule, survivors, weight } = sum;
  const limit = laneLimit(rule.quantisationBits);
  const stepPerClient = 1 / limit + (limit + 1) ** -2;
  return ((survivors * rule.clipNorm * stepPerClient * rule.weightMax) / weight) * floatRoom;
}
