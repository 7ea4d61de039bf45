import { FlError, type Outcome, ok, type Refusal, type Rng, refused } from "@sotto/base";
import { laneLimit } from "./lanes.ts";
import type { ContributionRule, ContributionShape } from "./shape.ts";
import type { ClippedUpdate, EncodedContribution, UnmaskedSum } from "./stages.ts";

/** What one client contributes, before any lane is made of it. */
export interface ContributionInput {
  /** d float32 values within the rule's clip norm; null exactly when the shape has no parameters. Read, not kept. */
  readonly update: ClippedUpdate | null;
  /** Rows behind the update: positive; above W it counts as W. */
  readonly weight: number;
  /** `scalarCount` numbers from 0; rounded to the nearest integer, above {@link scalarMax} they count as that. */
  readonly scalars: readonly number[];
  readonly rule: ContributionRule;
  readonly shape: ContributionShape;
  /** Four bytes a parameter are drawn from it, in bulk, for the stochastic rounding. */
  readonly rng: Rng;
}

/** What the survivors contributed together. */
export interface DecodedSum {
  /** Weighted mean of their updates, d float64 values the caller owns; null when the shape has no parameters. */
  readonly updateMean: Float64Array | null;
  /** Sum of their capped weights, in rows. */
  readonly weight: number;
  /** Sum of each scalar: exact below 2^53. */
  readonly scalars: readonly number[];
}

/** Values rounded per draw of randomness: 128 KiB of it at a time. */
const tileLanes = 32_768;

/** The largest scalar a client can contribute: 4^(q-1) - 1, and never more than float64 counts exactly, which binds from q = 28. */
export function scalarMax(quantisationBits: number): number {
  return Math.min((laneLimit(quantisationBits) + 1) ** 2 - 1, Number.MAX_SAFE_INTEGER);
}

/**
 * One client's contribution as lanes modulo 2^32, two's complement (SECAGG 2.7): v = floor(u (w / W) (L / c) + r) within ±L for each
 * parameter, then weight and scalars as two (q-1)-bit limbs each. A weight too small for its limbs counts as their smallest step, so
 * that the sum of weights is never 0. The caller owns the new array, and it is secret.
 * @throws FlError `invalid-argument` on an update or scalars that do not fit the shape, a weight that is not positive and finite, or a
 * scalar that is negative or NaN
 */
export function encodeContribution(input: ContributionInput): EncodedContribution {
  const { update, rule, shape } = input;
  assertFits(input);
  const limit = laneLimit(rule.quantisationBits);
  const share = Math.min(input.weight, rule.weightMax) / rule.weightMax;
  const lanes = new Uint32Array(shape.laneCount);
  if (update !== null) roundStochasticallyInto(lanes, { update, scale: share * (limit / rule.clipNorm), limit, rng: input.rng });
  let lane = shape.parameterCount;
  for (const limbs of [weightLimbs(share, limit), ...input.scalars.map((scalar) => scalarLimbs(scalar, rule))]) {
    lanes[lane++] = limbs.high;
    lanes[lane++] = limbs.low;
  }
  return lanes as EncodedContribution;
}

/**
 * Reads the sum of the survivors' contributions, two's complement modulo 2^`bits`: mean = (sum v / s) / (sum w / W) of SECAGG 2.7.
 * Within {@link aggregateErrorBound} of the weighted mean of the updates.
 * Refused as `implausible-sum` when no honest contributions of that many clients can make it: somebody masked garbage.
 * @throws FlError `invalid-argument` when the sum has not the shape's lanes
 */
export function decodeSum(input: {
  readonly sum: UnmaskedSum;
  readonly rule: ContributionRule;
  readonly shape: ContributionShape;
  /** b of the session: `laneBits` of its cohort, at least. */
  readonly bits: number;
  readonly survivors: number;
}): Outcome<DecodedSum, Refusal<"implausible-sum">> {
  const { sum, rule, shape, bits, survivors } = input;
  if (sum.length !== shape.laneCount) {
    throw new FlError("invalid-argument", `a sum of ${sum.length} lanes must have ${shape.laneCount}`);
  }
  const limit = laneLimit(rule.quantisationBits);
  const bound = { limit: limit * survivors, unusedBits: 32 - bits };
  const limbs = readLimbs(sum.subarray(shape.parameterCount), bound);
  const [weightUnits = 0, ...scalars] = joined(limbs.lanes, limit + 1);
  const shares = weightUnits / (limit + 1) ** 2;
  const mean = readMean(sum.subarray(0, shape.parameterCount), { ...bound, factor: rule.clipNorm / limit / shares });
  const strays = limbs.strays + mean.strays;
  if (strays > 0) return refused("implausible-sum", `${strays} of ${sum.length} lanes are beyond what ${survivors} clients can sum to`);
  if (shares === 0) return refused("implausible-sum", `the weights of ${survivors} clients sum to 0`);
  return ok({ updateMean: shape.parameterCount === 0 ? null : mean.values, weight: shares * rule.weightMax, scalars });
}

/** Messages name no weight and no scalar: those are what the mask hides. */
function assertFits({ update, weight, scalars, shape }: ContributionInput): void {
  const parameters = update === null ? 0 : update.length;
  if (parameters !== shape.parameterCount) {
    throw new FlError("invalid-argument", `an update of ${parameters} parameters must have ${shape.parameterCount}`);
  }
  if (scalars.length !== shape.scalarCount) {
    throw new FlError("invalid-argument", `${scalars.length} scalars must be ${shape.scalarCount}`);
  }
  if (!(weight > 0 && Number.isFinite(weight))) throw new FlError("invalid-argument", "the weight must be positive and finite");
  const wrong = scalars.findIndex((scalar) => !(scalar >= 0));
  if (wrong >= 0) throw new FlError("invalid-argument", `scalar ${wrong} must be a number from 0`);
}

/** Rounds to one of the two neighbouring integers, up with a probability equal to the fraction, so that the expected value is the exact one. */
function roundStochasticallyInto(
  lanes: Uint32Array,
  rounding: { readonly update: Float32Array; readonly scale: number; readonly limit: number; readonly rng: Rng },
): void {
  const { update, scale, limit, rng } = rounding;
  for (let start = 0; start < update.length; start += tileLanes) {
    const end = Math.min(start + tileLanes, update.length);
    const words = randomWords(rng, end - start);
    for (let i = start; i < end; i++) {
      const value = Math.floor(update[i]! * scale + words[i - start]! * 2 ** -32);
      // A coordinate at ±c can pass ±L by the last bit of the product. Storing a negative number takes it modulo 2^32.
      lanes[i] = Math.min(Math.max(value, -limit), limit);
    }
  }
}

/** Copied, as a view of 32-bit words needs an aligned start. */
function randomWords(rng: Rng, count: number): Uint32Array {
  return new Uint32Array(new Uint8Array(rng.bytes(4 * count)).buffer);
}

interface Limbs {
  readonly high: number;
  readonly low: number;
}

/**
 * round(share * 4^(q-1)) to the nearest integer, within 1 and 4^(q-1) - 1. Exact though 4^(q-1) may pass 2^53: multiplying by
 * 2^(q-1) and taking the integer part off round nothing.
 */
function weightLimbs(share: number, limit: number): Limbs {
  const base = limit + 1;
  const whole = Math.floor(share * base);
  const low = Math.round((share * base - whole) * base);
  const carried = low === base ? { high: whole + 1, low: 0 } : { high: whole, low };
  if (carried.high > limit) return { high: limit, low: limit };
  return carried.high === 0 && carried.low === 0 ? { high: 0, low: 1 } : carried;
}

/** Rounds to the nearest integer. */
function scalarLimbs(scalar: number, rule: ContributionRule): Limbs {
  const base = laneLimit(rule.quantisationBits) + 1;
  const whole = Math.min(Math.round(scalar), scalarMax(rule.quantisationBits));
  const high = Math.floor(whole / base);
  return { high, low: whole - high * base };
}

/** How lanes of a sum are read: shifted up and back by the bits above the session's, which extends the sign; strays are beyond `limit`. */
interface LaneReading {
  readonly limit: number;
  readonly unusedBits: number;
}

function readMean(
  sum: Uint32Array,
  reading: LaneReading & { readonly factor: number },
): { readonly values: Float64Array; readonly strays: number } {
  const { limit, unusedBits, factor } = reading;
  const values = new Float64Array(sum.length);
  let strays = 0;
  for (let i = 0; i < values.length; i++) {
    const lane = (sum[i]! << unusedBits) >> unusedBits;
    if (lane > limit || lane < -limit) strays++;
    values[i] = lane * factor;
  }
  return { values, strays };
}

function readLimbs(sum: Uint32Array, { limit, unusedBits }: LaneReading): { readonly lanes: readonly number[]; readonly strays: number } {
  const lanes = Array.from(sum, (lane) => (lane << unusedBits) >> unusedBits);
  return { lanes, strays: lanes.filter((lane) => lane < 0 || lane > limit).length };
}

/** high * base + low of each pair of limbs. */
function joined(limbs: readonly number[], base: number): number[] {
  return Array.from({ length: limbs.length / 2 }, (_, i) => limbs[2 * i]! * base + limbs[2 * i + 1]!);
}
