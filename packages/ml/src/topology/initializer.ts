import { type Schema, schema } from "@sotto/schema";

/** How a new weight's values are drawn. */
export type Initializer =
  | { readonly kind: "constant"; readonly value: number }
  | { readonly kind: "uniform"; readonly min: number; readonly max: number }
  | { readonly kind: "normal"; readonly mean: number; readonly deviation: number; readonly truncated: boolean }
  /** Variance scale / fan, as Glorot and Bengio 2010, He et al. 2015, and LeCun et al. 1998 choose them. */
  | { readonly kind: "scaled"; readonly scale: number; readonly fan: "in" | "out" | "average"; readonly distribution: "normal" | "uniform" }
  /** Saxe, McClelland and Ganguli 2014. */
  | { readonly kind: "orthogonal"; readonly gain: number }
  /** The bias of an LSTM whose forget gate starts open: `base`, but 1 in the second quarter (Jozefowicz et al. 2015). */
  | { readonly kind: "forget-gate-open"; readonly base: Initializer };

/** All zeros. */
export const zeros: Initializer = { kind: "constant", value: 0 };
/** All ones. */
export const ones: Initializer = { kind: "constant", value: 1 };

/** Reads a Keras initializer; `absent` stands for one that is left out or null. Seeds in it count for nothing: a task has one seed. */
export function initializerSchema(absent: Initializer): Schema<Initializer> {
  return named.nullish().transform((given) => given ?? absent);
}

const number = schema.number().min(-1e6).max(1e6);
const seed = schema.number().nullish();
const bounds = { minval: number.nullish(), maxval: number.nullish(), seed };
const spread = { mean: number.nullish(), stddev: number.min(0).nullish(), seed };

function scaled(scale: number, fan: "in" | "average", distribution: "normal" | "uniform"): Initializer {
  return { kind: "scaled", scale, fan, distribution };
}

/** The default of dense and convolution kernels in TensorFlow.js. */
export const glorotNormal: Initializer = scaled(1, "average", "normal");
/** The default of separable convolution kernels in TensorFlow.js. */
export const glorotUniform: Initializer = scaled(1, "average", "uniform");
/** The default of recurrent kernels. */
export const orthogonal: Initializer = { kind: "orthogonal", gain: 1 };
/** The default of embeddings. */
export const smallUniform: Initializer = { kind: "uniform", min: -0.05, max: 0.05 };

function drawn(truncated: boolean): (config: { mean?: number | null | undefined; stddev?: number | null | undefined }) => Initializer {
  return ({ mean, stddev }) => ({ kind: "normal", mean: mean ?? 0, deviation: stddev ?? 0.05, truncated });
}

function entry<Name extends string, Config>(className: Name, config: Schema<Config>, make: (config: Config) => Initializer) {
  return schema.strictObject({ class_name: schema.literal(className), config }).transform((given) => make(given.config));
}

const seedOnly = schema.strictObject({ seed });
const nothing = schema.strictObject({});
const fans = { fan_in: "in", fan_out: "out", fan_avg: "average" } as const;

const named: Schema<Initializer> = schema.union(
  [
    entry("Zeros", nothing, () => zeros),
    entry("Ones", nothing, () => ones),
    entry("Constant", schema.strictObject({ value: number }), ({ value }) => ({ kind: "constant", value })),
    entry("RandomUniform", schema.strictObject(bounds), ({ minval, maxval }) => ({
      kind: "uniform",
      min: minval ?? -0.05,
      max: maxval ?? 0.05,
    })),
    entry("RandomNormal", schema.strictObject(spread), drawn(false)),
    entry("TruncatedNormal", schema.strictObject(spread), drawn(true)),
    entry(
      "VarianceScaling",
      schema.strictObject({
        scale: schema.number().min(0).max(1e6).nullish(),
        mode: schema.enum(["fan_in", "fan_out", "fan_avg"]).nullish(),
        distribution: schema.enum(["normal", "truncated_normal", "uniform"]).nullish(),
        seed,
      }),
      ({ scale, mode, distribution }) => ({
        kind: "scaled",
        scale: scale ?? 1,
        fan: fans[mode ?? "fan_in"],
        distribution: distribution === "uniform" ? "uniform" : "normal",
      }),
    ),
    entry("GlorotUniform", seedOnly, () => glorotUniform),
    entry("GlorotNormal", seedOnly, () => glorotNormal),
    entry("HeUniform", seedOnly, () => scaled(2, "in", "uniform")),
    entry("HeNormal", seedOnly, () => scaled(2, "in", "normal")),
    entry("LeCunUniform", seedOnly, () => scaled(1, "in", "uniform")),
    entry("LeCunNormal", seedOnly, () => scaled(1, "in", "normal")),
    entry("Orthogonal", schema.strictObject({ gain: number.nullish(), seed }), ({ gain }) => ({ kind: "orthogonal", gain: gain ?? 1 })),
  ],
  { error: "must be an allowed initializer with its known keys" },
);
