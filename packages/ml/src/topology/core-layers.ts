import { FlError } from "@sotto/base";
import { type Schema, schema } from "@sotto/schema";
import { glorotNormal, initializerSchema, smallUniform, zeros } from "./initializer.ts";
import { activation, channelsLast, dimension, everyLayer, flag, nothing, only, regularizer } from "./layer-config.ts";
import { type LayerRule, oneInput } from "./layer-rule.ts";
import { topologyLimits } from "./limits.ts";
import { type Shape, sizeOf } from "./shape.ts";

const anyRank = [1, 2, 3];

const dense = oneInput(
  anyRank,
  schema.strictObject({
    ...everyLayer,
    units: dimension,
    activation: activation("linear"),
    use_bias: flag(true),
    kernel_initializer: initializerSchema(glorotNormal),
    bias_initializer: initializerSchema(zeros),
    kernel_regularizer: regularizer,
    bias_regularizer: regularizer,
    activity_regularizer: nothing,
    kernel_constraint: nothing,
    bias_constraint: nothing,
  }),
  (config, input) => {
    const kernel = { name: "kernel", shape: [input.at(-1)!, config.units], initializer: config.kernel_initializer };
    const bias = { name: "bias", shape: [config.units], initializer: config.bias_initializer };
    return {
      output: [...input.slice(0, -1), config.units],
      weights: config.use_bias ? [kernel, bias] : [kernel],
      activation: config.activation,
    };
  },
);

const embedding = oneInput(
  [1],
  schema.strictObject({
    ...everyLayer,
    input_dim: dimension,
    output_dim: dimension,
    input_length: schema.number().int().nullish(),
    embeddings_initializer: initializerSchema(smallUniform),
    embeddings_regularizer: regularizer,
    activity_regularizer: nothing,
    embeddings_constraint: nothing,
    mask_zero: only(false),
  }),
  (config, input) => {
    const length = config.input_length ?? input[0]!;
    if (length !== input[0]) throw new FlError("invalid-argument", `input_length ${length} must be the input's length ${input[0]}`);
    const shape = [config.input_dim, config.output_dim];
    return {
      output: [length, config.output_dim],
      weights: [{ name: "embeddings", shape, initializer: config.embeddings_initializer }],
      tokens: config.input_dim,
    };
  },
);

// A dimension left open as -1 is refused: TensorFlow.js does not work it out before it builds the next layer.
const reshape = oneInput(
  anyRank,
  schema.strictObject({ ...everyLayer, target_shape: schema.array(dimension).min(1).max(topologyLimits.rank) }),
  ({ target_shape }, input) => {
    if (sizeOf(target_shape) !== sizeOf(input))
      throw new FlError("invalid-argument", `target_shape [${target_shape}] does not hold the ${sizeOf(input)} values of [${input}]`);
    return { output: target_shape, weights: [] };
  },
);

/** A layer without weights that keeps its input's shape. */
function shapeKeeping<Config>(config: Schema<Config>, endsIn: (config: Config, input: Shape) => string | null = () => null): LayerRule {
  return oneInput(anyRank, config, (parsed, input) => ({ output: input, weights: [], activation: endsIn(parsed, input) }));
}

const softmax = shapeKeeping(schema.strictObject({ ...everyLayer, axis: schema.number().int().nullish() }), ({ axis }, input) => {
  if (axis !== undefined && axis !== null && axis !== -1 && axis !== input.length)
    throw new FlError("invalid-argument", `axis ${axis} must be the last: -1 or ${input.length}`);
  return "softmax";
});

/** Layers on features: dense, embeddings, activations, dropout and changes of shape. */
export const coreLayers: readonly (readonly [string, LayerRule])[] = [
  ["Dense", dense],
  ["Embedding", embedding],
  ["Activation", shapeKeeping(schema.strictObject({ ...everyLayer, activation: activation("linear") }), (config) => config.activation)],
  [
    "ReLU",
    shapeKeeping(
      schema.strictObject({
        ...everyLayer,
        max_value: schema.number().positive().max(1e6).nullish(),
        negative_slope: only(0),
        threshold: only(0),
      }),
    ),
  ],
  ["LeakyReLU", shapeKeeping(schema.strictObject({ ...everyLayer, alpha: schema.number().min(0).max(1e6).nullish() }))],
  ["ELU", shapeKeeping(schema.strictObject({ ...everyLayer, alpha: only(1) }))],
  ["Softmax", softmax],
  [
    "Dropout",
    shapeKeeping(
      schema.strictObject({
        ...everyLayer,
        rate: schema.number().min(0).lt(1),
        noise_shape: nothing,
        seed: schema.number().nullish(),
      }),
    ),
  ],
  [
    "Flatten",
    oneInput([2, 3], schema.strictObject({ ...everyLayer, data_format: channelsLast }), (_config, input) => ({
      output: [sizeOf(input)],
      weights: [],
    })),
  ],
  ["Reshape", reshape],
];
