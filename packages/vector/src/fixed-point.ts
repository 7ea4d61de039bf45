import { FlError, type Outcome, ok, type Refusal, type Rng, refused } from "@sotto/base";
import { createSharedLanes, type Lanes, laneLimit } from "./lanes.ts";
import type { ContributionRule, ContributionShape } from "./shape.ts";
import type { ClippedUpdate, EncodedContribution, UnmaskedSum } from "./stages.ts";

/** What one client contributes, before any lane is made of it. */
export interface ContributionInput {
  /** d float32 values within the rule's clip norm; null exactly when the shape has no parameters. Read, not kept. */
  readonly update: ClippedUpdate | null;
  /** Rows behind the update: above 0 and at most W. What counts for more is capped by the caller. */
  readonly weight: number;
  /** `scalarCount` finite numbers from 0; rounded to the nearest integer, above {@link scalarMax} they count as that. */
  readonly scalars: readonly number[];
  readonly rule: ContributionRule;
  readonly shape: ContributionShape;
  /** b of the session, which `checkLaneBits` passed: lanes are of 16 bits when it is at most 16. */
  readonly bits: number;
  /** Four bytes a parameter are drawn from it, in bulk, for the stochastic rounding. */
  readonly rng: Rng;
}

/** What the survivors contributed together. */
export interface DecodedSum {
  /** Weighted mean of their updates, d float64 values the caller owns; null when the shape has no parameters. */
  readonly updateMean: Float64Array | null;
  /** Sum of their weights, in rows. */
  readonly weight: number;
  /** Sum of each scalar: exact below 2^53. */
  readonly scalars: readonly number[];
}

/**
 * Lanes computed at once, in an array of one type whatever the width of the lanes: a loop that has seen arrays of two types runs at half the
 * speed or less ever after (SECAGG 5.3), and the copy costs a twentieth of it. One draw of randomness each: 128 KiB.
 */
const tileLanes = 32_768;

/** The largest scalar a client can contribute: 4^(q-1) - 1, and never more than float64 counts exactly, which binds from q = 28. */
export function scalarMax(quantisationBits: number): number {
  return Math.min((laneLimit(quantisationBits) + 1) ** 2 - 1, Number.MAX_SAFE_INTEGER);
}

/**
 * One client's contribution as lanes, two's complement modulo 2^16 or 2^32 (SECAGG 2.7): v = floor(u (w / W) (L / c) + r) within ±L for each
 * parameter, then weight and scalars as two (q-1)-bit limbs each. A weight too small for its limbs counts as their smallest step, so
 * that the sum of weights is never 0. The caller owns the new array, and it is secret.
 * @throws FlError `invalid-argument` on an update or scalars that do not fit the shape, a weight that is not above 0 and at most the rule's cap, a
 * scalar that is negative or not finite, or fewer lane bits than quantisation bits
 */
export function encodeContribution(input: ContributionInput): EncodedContribution {
  const { update, rule, shape, bits } = input;
  assertFits(input);
  const limit = laneLimit(rule.quantisationBits);
  const share = input.weight / rule.weightMax;
  const lanes = createSharedLanes({ laneCount: shape.laneCount, bits });
  if (update !== null) roundStochasticallyInto(lanes, { update, scale: share * (limit / rule.clipNorm), limit, rng: input.rng });
  const limbs = [weightLimbs(share, limit), ...input.scalars.map((scalar) => scalarLimbs(scalar, rule))];
  lanes.set(
    limbs.flatMap(({ high, low }) => [high, low]),
    shape.parameterCount,
  );
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
function assertFits({ update, weight, scalars, rule, shape, bits }: ContributionInput): void {
  const parameters = update === null ? 0 : update.length;
  if (parameters !== shape.parameterCount) {
    throw new FlError("invalid-argument", `an update of ${parameters} parameters must have ${shape.parameterCount}`);
  }
  if (scalars.length !== shape.scalarCount) {
    throw new FlError("invalid-argument", `${scalars.length} scalars must be ${shape.scalarCount}`);
  }
  if (bits < rule.quantisationBits) {
    throw new FlError("invalid-argument", `lanes of ${bits} bits cannot hold values of ${rule.quantisationBits} quantisation bits`);
  }
  if (!(weight > 0 && weight <= rule.weightMax)) {
    throw new FlError("invalid-argument", `the weight must be above 0 and at most the cap ${rule.weightMax}`);
  }
  const wrong = scalars.findIndex((scalar) => !(scalar >= 0 && Number.isFinite(scalar)));
  if (wrong >= 0) throw new FlError("invalid-argument", `scalar ${wrong} must be a finite number from 0`);
}

/** Rounds to one of the two neighbouring integers, up with a probability equal to the fraction, so that the expected value is the exact one. */
function roundStochasticallyInto(
  lanes: Lanes,
  rounding: { readonly update: Float32Array; readonly scale: number; readonly limit: number; readonly rng: Rng },
): void {
  const { update, scale, limit, rng } = rounding;
  const rounded = new Int32Array(Math.min(tileLanes, update.length));
  for (let start = 0; start < update.length; start += tileLanes) {
    const values = update.subarray(start, start + tileLanes);
    const words = randomWords(rng, values.length);
    for (let i = 0; i < values.length; i++) {
      const value = Math.floor(values[i]! * scale + words[i]! * 2 ** -32);
      // A coordinate at ±c can pass ±L by the last bit of the product.
      rounded[i] = Math.min(Math.max(value, -limit), limit);
    }
    // Copying to unsigned lanes takes negative numbers modulo 2^16 or 2^32.
    lanes.set(rounded.subarray(0, values.length), start);
  }
  rounded.fill(0);
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
  sum: Lanes,
  reading: LaneReading & { readonly factor: number },
): { readonly values: Float64Array; readonly strays: number } {
  const { limit, unusedBits, factor } = reading;
  const values = new Float64Array(sum.length);
  const tile = new Int32Array(Math.min(tileLanes, sum.length));
  let strays = 0;
  for (let start = 0; start < sum.length; start += tileLanes) {
    const end = Math.min(start + tileLanes, sum.length);
    tile.set(sum.subarray(start, end));
    for (let i = start; i < end; i++) {
      const lane = (tile[i - start]! << unusedBits) >> unusedBits;
      if (lane > limit || lane < -limit) strays++;
      values[i] = lane * factor;
    }
  }
  tile.fill(0);
  return { values, strays };
}

function readLimbs(sum: Lanes, { limit, unusedBits }: LaneReading): { readonly lanes: readonly number[]; readonly strays: number } {
  const lanes = Array.from(sum, (lane) => (lane << unusedBits) >> unusedBits);
  return { lanes, strays: lanes.filter((lane) => lane < 0 || lane > limit).length };
}

/** high * base + low of each pair of limbs. */
function joined(limbs: readonly number[], base: number): number[] {
  return Array.from({ length: limbs.length / 2 }, (_, i) => limbs[2 * i]! * base + limbs[2 * i + 1]!);
}
