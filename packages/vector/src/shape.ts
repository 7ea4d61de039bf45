import { FlError } from "@sotto/base";

/** How a plan has a contribution measured: `Plan["contribution"]`, and nothing of the plan besides. */
export interface ContributionRule {
  /** c: the L2 norm an update is clipped to, hence also its largest coordinate. */
  readonly clipNorm: number;
  /** W: a weight above this counts as this much. */
  readonly weightMax: number;
  /** q: a lane holds a whole number from -L to L, L = 2^(q-1) - 1; 8 to 31. */
  readonly quantisationBits: number;
}

/** What a contribution consists of: first a lane a parameter, then two lanes (high limb, low limb) for the weight and for each scalar. */
export interface ContributionShape {
  /** d; 0 for a contribution without an update. */
  readonly parameterCount: number;
  /** Non-negative whole numbers that travel beside the update. */
  readonly scalarCount: number;
  /** parameterCount + 2 * (1 + scalarCount). */
  readonly laneCount: number;
}

/** The shape of a contribution of `parameterCount` parameters and `scalarCount` scalars. @throws FlError `invalid-argument` unless both are counts */
export function contributionShape(count: { readonly parameterCount: number; readonly scalarCount: number }): ContributionShape {
  const { parameterCount, scalarCount } = count;
  const laneCount = parameterCount + 2 * (1 + scalarCount);
  if (!isCount(parameterCount) || !isCount(scalarCount) || laneCount >= 2 ** 31) {
    throw new FlError(
      "invalid-argument",
      `a contribution of ${parameterCount} parameters and ${scalarCount} scalars must have counts and below 2^31 lanes`,
    );
  }
  return { parameterCount, scalarCount, laneCount };
}

function isCount(value: number): boolean {
  return Number.isInteger(value) && value >= 0;
}
