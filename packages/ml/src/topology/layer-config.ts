import { type Schema, schema } from "@sotto/schema";
import { topologyLimits } from "./limits.ts";

/** Activations a layer may name, as Keras writes them. */
const activations = [
  "linear",
  "relu",
  "relu6",
  "elu",
  "selu",
  "sigmoid",
  "hard_sigmoid",
  "tanh",
  "softmax",
  "softplus",
  "softsign",
  "swish",
  "gelu",
  "mish",
] as const;

/** A count or size from 1 to the largest dimension. */
export const dimension: Schema<number> = schema.number().int().min(1).max(topologyLimits.dimension);

/** Names a layer may have: they become names of weights. */
export const layerName: Schema<string> = schema
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/, "must be 1 to 128 of letters, digits, _ . - and start with a letter or digit");

/** A key that may be left out, be null, or hold exactly `value`: what else it could say is not supported. */
export function only<Value extends string | number | boolean>(value: Value): Schema<Value | null | undefined> {
  return schema.literal(value).nullish();
}

/** A key that may be left out or null. */
export const nothing: Schema<null | undefined> = schema.null().optional();

/** A boolean that may be left out or null. */
export function flag(absent: boolean): Schema<boolean> {
  return schema
    .boolean()
    .nullish()
    .transform((given) => given ?? absent);
}

/** An activation that may be left out or null. */
export function activation(absent: (typeof activations)[number]): Schema<string> {
  return schema
    .enum(activations)
    .nullish()
    .transform((given) => given ?? absent);
}

const penalty = schema.number().min(0).max(1e6).nullish();

/** No regularizer, or a sum of absolute and squared weights. */
export const regularizer: Schema<unknown> = schema
  .strictObject({ class_name: schema.literal("L1L2"), config: schema.strictObject({ l1: penalty, l2: penalty }) })
  .nullish();

/** Keys every layer may have. Frozen layers are refused: their weights would travel in every round for nothing. */
export const everyLayer: {
  readonly name: Schema<string>;
  readonly trainable: Schema<boolean | null | undefined>;
  readonly dtype: Schema<string | null | undefined>;
  readonly batch_input_shape: Schema<unknown>;
} = {
  name: layerName,
  trainable: only(true),
  dtype: only("float32"),
  batch_input_shape: schema.unknown().optional(),
};

/** Sizes along `rank` axes, written as one number for all or a list. */
export function sizes(rank: number): Schema<readonly number[]> {
  return schema.union([dimension.transform((size) => Array.from({ length: rank }, () => size)), schema.array(dimension).length(rank)], {
    error: `must be a size from 1 to ${topologyLimits.dimension} or a list of ${rank}`,
  });
}

/** As {@link sizes}, all of them 1. */
export function allOne(rank: number): Schema<unknown> {
  return schema.union([schema.literal(1), schema.array(schema.literal(1)).length(rank)], { error: "must be 1" }).nullish();
}

/** How windows meet the border. */
export const padding: Schema<"valid" | "same"> = schema
  .enum(["valid", "same"])
  .nullish()
  .transform((given) => given ?? "valid");

/** Channels last is the one memory layout. */
export const channelsLast: Schema<"channels_last" | null | undefined> = only("channels_last");
