import { type Schema, schema } from "@sotto/schema";
import { glorotNormal, type Initializer, initializerSchema, orthogonal, zeros } from "./initializer.ts";
import { activation, dimension, everyLayer, flag, layerName, nothing, only, regularizer } from "./layer-config.ts";
import { type LayerFacts, type LayerRule, oneInput } from "./layer-rule.ts";
import type { Shape } from "./shape.ts";

// Dropout inside a cell is refused: TensorFlow.js draws its masks from an unseeded generator.
const cell = {
  ...everyLayer,
  units: dimension,
  activation: activation("tanh"),
  use_bias: flag(true),
  kernel_initializer: initializerSchema(glorotNormal),
  recurrent_initializer: initializerSchema(orthogonal),
  bias_initializer: initializerSchema(zeros),
  kernel_regularizer: regularizer,
  recurrent_regularizer: regularizer,
  bias_regularizer: regularizer,
  activity_regularizer: nothing,
  kernel_constraint: nothing,
  recurrent_constraint: nothing,
  bias_constraint: nothing,
  dropout: only(0),
  recurrent_dropout: only(0),
  return_sequences: flag(false),
  return_state: only(false),
  go_backwards: flag(false),
  stateful: only(false),
  unroll: only(false),
  time_major: only(false),
  implementation: schema.union([schema.literal(1), schema.literal(2)]).nullish(),
};

interface Cell {
  readonly units: number;
  readonly use_bias: boolean;
  readonly return_sequences: boolean;
  readonly kernel_initializer: Initializer;
  readonly recurrent_initializer: Initializer;
  readonly bias_initializer: Initializer;
}

function recurrent<Config extends Cell>(
  gates: number,
  config: Schema<Config>,
  biasOf: (given: Config) => Initializer = (given) => given.bias_initializer,
): LayerRule {
  return oneInput([2], config, (given, input) => {
    const width = gates * given.units;
    const kernels = [
      { name: "kernel", shape: [input[1]!, width], initializer: given.kernel_initializer },
      { name: "recurrent_kernel", shape: [given.units, width], initializer: given.recurrent_initializer },
    ];
    return {
      output: given.return_sequences ? [input[0]!, given.units] : [given.units],
      weights: given.use_bias ? [...kernels, { name: "bias", shape: [width], initializer: biasOf(given) }] : kernels,
    };
  });
}

const hardSigmoid = activation("hard_sigmoid");
const cells: ReadonlyMap<string, LayerRule> = new Map([
  ["SimpleRNN", recurrent(1, schema.strictObject(cell))],
  ["GRU", recurrent(3, schema.strictObject({ ...cell, recurrent_activation: hardSigmoid, reset_after: only(false) }))],
  [
    "LSTM",
    recurrent(4, schema.strictObject({ ...cell, recurrent_activation: hardSigmoid, unit_forget_bias: flag(false) }), (given) =>
      given.unit_forget_bias ? { kind: "forget-gate-open", base: given.bias_initializer } : given.bias_initializer,
    ),
  ],
]);

const wrapped = schema.strictObject({
  class_name: schema.enum(["SimpleRNN", "GRU", "LSTM"]),
  config: schema.looseObject({ name: layerName }),
});

const bidirectional = oneInput(
  [2],
  schema.strictObject({ ...everyLayer, layer: wrapped, merge_mode: schema.enum(["concat", "sum", "mul", "ave"]).nullish() }),
  (given, input) => {
    const one = cells.get(given.layer.class_name)!(given.layer.config, [input]);
    const weights = ["forward", "backward"].flatMap((direction) =>
      one.weights.map((weight) => ({ ...weight, name: `${direction}_${given.layer.config.name}/${weight.name}` })),
    );
    return { output: bothWays(one, given.merge_mode ?? "concat"), weights };
  },
);

function bothWays(one: LayerFacts, mergeMode: string): Shape {
  return mergeMode === "concat" ? [...one.output.slice(0, -1), 2 * one.output.at(-1)!] : one.output;
}

/** Layers that walk along a sequence. */
export const recurrentLayers: readonly (readonly [string, LayerRule])[] = [...cells, ["Bidirectional", bidirectional]];
