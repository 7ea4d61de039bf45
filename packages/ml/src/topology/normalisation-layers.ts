import { FlError } from "@sotto/base";
import { schema } from "@sotto/schema";
import { initializerSchema, ones, zeros } from "./initializer.ts";
import { everyLayer, flag, nothing, regularizer } from "./layer-config.ts";
import { type LayerRule, oneInput, type WeightSpec } from "./layer-rule.ts";
import type { Shape } from "./shape.ts";

const axis = schema.union([schema.number().int(), schema.array(schema.number().int()).length(1)]).nullish();

const normalisation = {
  ...everyLayer,
  axis,
  epsilon: schema.number().min(1e-12).max(1).nullish(),
  center: flag(true),
  scale: flag(true),
  beta_initializer: initializerSchema(zeros),
  gamma_initializer: initializerSchema(ones),
  beta_regularizer: regularizer,
  gamma_regularizer: regularizer,
  beta_constraint: nothing,
  gamma_constraint: nothing,
};

const batch = oneInput(
  [1, 2, 3],
  schema.strictObject({
    ...normalisation,
    momentum: schema.number().min(0).max(1).nullish(),
    moving_mean_initializer: initializerSchema(zeros),
    moving_variance_initializer: initializerSchema(ones),
  }),
  (given, input) => {
    const shape = lastAxis(given.axis, input);
    const statistics = [
      { name: "moving_mean", shape, initializer: given.moving_mean_initializer },
      { name: "moving_variance", shape, initializer: given.moving_variance_initializer },
    ];
    return { output: input, weights: [...scaleAndShift(given, shape), ...statistics] };
  },
);

const layer = oneInput([1, 2, 3], schema.strictObject(normalisation), (given, input) => ({
  output: input,
  weights: scaleAndShift(given, lastAxis(given.axis, input)),
}));

function scaleAndShift(
  given: {
    readonly scale: boolean;
    readonly center: boolean;
    readonly gamma_initializer: WeightSpec["initializer"];
    readonly beta_initializer: WeightSpec["initializer"];
  },
  shape: Shape,
): readonly WeightSpec[] {
  return [
    ...(given.scale ? [{ name: "gamma", shape, initializer: given.gamma_initializer }] : []),
    ...(given.center ? [{ name: "beta", shape, initializer: given.beta_initializer }] : []),
  ];
}

function lastAxis(given: number | readonly number[] | null | undefined, input: Shape): Shape {
  const chosen = typeof given === "object" ? (given?.[0] ?? -1) : (given ?? -1);
  if (chosen !== -1 && chosen !== input.length)
    throw new FlError("invalid-argument", `axis ${chosen} must be the last: -1 or ${input.length}`);
  return [input.at(-1)!];
}

/** Layers that bring their input to mean 0 and variance 1. */
export const normalisationLayers: readonly (readonly [string, LayerRule])[] = [
  ["BatchNormalization", batch],
  ["LayerNormalization", layer],
];
