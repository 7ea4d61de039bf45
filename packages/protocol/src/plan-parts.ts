import { type Json, type Schema, schema } from "@sotto/schema";
import { type DataSchema, dataSchema } from "./data-schema.ts";

/** Local optimizer of a client. */
export type LocalOptimizer =
  | { readonly kind: "sgd"; readonly learningRate: number; readonly momentum: number }
  | { readonly kind: "adam"; readonly learningRate: number; readonly beta1: number; readonly beta2: number; readonly epsilon: number };

/** Losses a plan can name, as TensorFlow.js names them. */
export type LossName = "binaryCrossentropy" | "sparseCategoricalCrossentropy" | "meanSquaredError";

/** How long a client trains in one round. */
export type TrainingLength = { readonly unit: "epochs"; readonly count: number } | { readonly unit: "steps"; readonly count: number };

/** One named parameter array of a model, in the order of the flat vector. */
export interface LayoutEntry {
  readonly name: string;
  readonly shape: readonly number[];
}

/** What the author of a task says of the work of one client: model, data, training and protection. */
export interface PlanParts {
  readonly model: {
    /** Keras JSON of a topology made of allow-listed layers; `ml` checks it. */
    readonly topology: Json;
    readonly layout: readonly LayoutEntry[];
  };
  readonly data: DataSchema;
  readonly training: {
    readonly length: TrainingLength;
    readonly batchSize: number;
    readonly optimizer: LocalOptimizer;
    readonly loss: LossName;
    /** With the round and the client's id it seeds shuffling and dropout. */
    readonly seed: number;
  };
  readonly evaluation: {
    /** A row's loss counts at most this much. */
    readonly lossMax: number;
    /** Bins of the score histogram that gives the AUC; 0 for none. */
    readonly aucBins: number;
  };
  readonly contribution: {
    /** L2 norm that updates are clipped to, and the largest coordinate. */
    readonly clipNorm: number;
    /** W: rows above this count as this many. */
    readonly weightMax: number;
    /** q of SECAGG 2.7. */
    readonly quantisationBits: number;
  };
  readonly aggregation: {
    /** Fewest clients in a session; a client's own policy may ask for more. */
    readonly cohortSizeMin: number;
    readonly gamma: number;
    readonly delta: number;
    /** p: a round asks only the clients that a hash everybody can compute draws with this probability; null asks whom the coordinator picks. */
    readonly samplingRate: number | null;
  };
  /** This version protects by masking alone: it adds no noise, and says so. */
  readonly privacy: { readonly unit: "none" };
}

const rate = schema.number().positive().max(1000);
const fraction = schema.number().min(0).lt(1);
const count = (max: number) => schema.number().int().min(1).max(max);

const optimizerSchema: Schema<LocalOptimizer> = schema.discriminatedUnion("kind", [
  schema.strictObject({ kind: schema.literal("sgd"), learningRate: rate, momentum: fraction }),
  schema.strictObject({
    kind: schema.literal("adam"),
    learningRate: rate,
    beta1: fraction,
    beta2: fraction,
    epsilon: schema.number().positive().max(1),
  }),
]);

const lengthSchema: Schema<TrainingLength> = schema.discriminatedUnion("unit", [
  schema.strictObject({ unit: schema.literal("epochs"), count: count(10_000) }),
  schema.strictObject({ unit: schema.literal("steps"), count: count(10_000_000) }),
]);

const layoutSchema: Schema<readonly LayoutEntry[]> = schema
  .array(schema.strictObject({ name: schema.string().min(1).max(256), shape: schema.array(count(2 ** 28)).max(8) }))
  .min(1)
  .max(4096);

/** Reads each of the {@link PlanParts}. */
export const planParts: { readonly [Part in keyof PlanParts]: Schema<PlanParts[Part]> } = {
  model: schema.strictObject({ topology: schema.json() as Schema<Json>, layout: layoutSchema }),
  data: dataSchema,
  training: schema.strictObject({
    length: lengthSchema,
    batchSize: count(65_536),
    optimizer: optimizerSchema,
    loss: schema.enum(["binaryCrossentropy", "sparseCategoricalCrossentropy", "meanSquaredError"]),
    seed: schema
      .number()
      .int()
      .min(0)
      .max(2 ** 32 - 1),
  }),
  evaluation: schema.strictObject({ lossMax: schema.number().positive().max(1e6), aucBins: schema.number().int().min(0).max(4096) }),
  contribution: schema.strictObject({
    clipNorm: schema.number().positive().max(1e6),
    weightMax: count(2 ** 30),
    quantisationBits: schema.number().int().min(8).max(30),
  }),
  aggregation: schema.strictObject({
    cohortSizeMin: count(65_535).min(3),
    gamma: fraction,
    delta: fraction,
    samplingRate: schema.number().positive().max(1).nullable().default(null),
  }),
  privacy: schema.strictObject({ unit: schema.literal("none") }),
};

/**
 * A plan or task as it is written: a part that later versions added is left out where it says nothing, so that who says nothing of it keeps the bytes,
 * and with them the digest, that every version gives.
 */
export function writtenParts(spec: PlanParts): Json {
  const { samplingRate, ...aggregation } = spec.aggregation;
  return { ...spec, aggregation: samplingRate === null ? aggregation : spec.aggregation } as unknown as Json;
}

/** Parameters of a layout: the length of the flat vector. */
export function parameterCount(layout: readonly LayoutEntry[]): number {
  return layout.reduce((total, entry) => total + entry.shape.reduce((size, dimension) => size * dimension, 1), 0);
}
