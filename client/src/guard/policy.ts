import { type Digest, parseDigest, parseTaskId, type TaskId } from "@sotto/base";
import type { LossName } from "@sotto/protocol";
import { parsedText, parseWith, type Schema, schema } from "@sotto/schema";

/** What a number may be, both ends included. */
export interface Bounds {
  readonly min: number;
  readonly max: number;
}

/** What the data owner grants (SECAGG 2.4): a local file's section, never taken from the coordinator. */
export interface Policy {
  /** Fewest clients in a session this client joins. At least 3. */
  readonly minCohort: number;
  /** Largest fraction of a cohort that a plan may let drop: its delta. */
  readonly maxDropout: number;
  /** Fraction of a cohort that may be corrupt, which a plan and every session must withstand. */
  readonly gamma: number;
  /** Fewest honest clients in any sum, when `gamma` of the cohort is corrupt. */
  readonly minHonestInSum: number;
  /** Bounds of the plan's clip norm. */
  readonly clipNorm: Bounds;
  /** Bounds of the weight a plan caps rows at. */
  readonly weightMax: Bounds;
  readonly quantisationBits: Bounds;
  /** Largest model. */
  readonly maxParameters: number;
  /** Longest training a plan may ask for, in the plan's own unit. */
  readonly maxEpochs: number;
  readonly maxSteps: number;
  /** Sessions a round may have, restarts of this client included: a new one is a new attempt to unmask (SECAGG 2.13). */
  readonly maxSessionsPerRound: number;
  /** Shortest time between the end of one round and the next, in seconds; a round that this client died in ends when it starts again. */
  readonly minRoundGapSeconds: number;
  /** Longest time a round may last here; after it everything of the round is wiped. */
  readonly maxRoundSeconds: number;
  /** Null allows any. */
  readonly allowedTasks: readonly TaskId[] | null;
  /** SHA-256 of the bytes of plans the owner has read; null allows any plan within the bounds. */
  readonly allowedPlanDigests: readonly Digest[] | null;
  readonly allowedLosses: readonly LossName[] | null;
  /** Whether a plan must draw the clients of a round by a hash that everybody can compute, so that the coordinator cannot pick them. */
  readonly requireSample: boolean;
  /** Whether a plan must add differential-privacy noise. No plan of this version does. */
  readonly dpRequired: boolean;
}

const cohortFloor = 3;
const fraction = schema.number().min(0).lt(1);
const count = (max: number) => schema.number().int().min(1).max(max);
const distinct = <T>(element: Schema<T>) => schema.array(element).min(1).max(1024);

function bounds(lowest: number, highest: number): Schema<Bounds> {
  const end = schema.number().min(lowest).max(highest);
  return schema
    .strictObject({ min: end.default(lowest), max: end.default(highest) })
    .refine(({ min, max }) => min <= max, { message: "min must not be above max" });
}

/** Reads a {@link Policy}; what is left out is the default of SECAGG 2.4. */
export const policySchema: Schema<Policy> = schema.strictObject({
  minCohort: count(65_535).min(cohortFloor).default(5),
  maxDropout: fraction.default(0.3),
  gamma: fraction.default(0.2),
  minHonestInSum: count(65_535).min(2).default(2),
  clipNorm: bounds(1e-6, 1e6).default({ min: 1e-3, max: 1e3 }),
  weightMax: bounds(1, 2 ** 30).default({ min: 1, max: 2 ** 30 }),
  quantisationBits: bounds(8, 30).default({ min: 8, max: 24 }),
  maxParameters: count(2 ** 28).default(20_000_000),
  maxEpochs: count(10_000).default(100),
  maxSteps: count(10_000_000).default(100_000),
  maxSessionsPerRound: count(16).default(3),
  minRoundGapSeconds: schema.number().min(0).max(604_800).default(0),
  maxRoundSeconds: schema.number().positive().max(604_800).default(86_400),
  allowedTasks: distinct(parsedText(parseTaskId)).nullable().default(null),
  allowedPlanDigests: distinct(parsedText(parseDigest)).nullable().default(null),
  allowedLosses: distinct(schema.enum(["binaryCrossentropy", "sparseCategoricalCrossentropy", "meanSquaredError"]))
    .nullable()
    .default(null),
  requireSample: schema.boolean().default(false),
  dpRequired: schema.boolean().default(false),
});

/** The policy of a data owner who says nothing. */
export const defaultPolicy: Policy = parseWith(policySchema, {}, "policy");
