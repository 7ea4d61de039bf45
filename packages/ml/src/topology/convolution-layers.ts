import { FlError } from "@sotto/base";
import { schema } from "@sotto/schema";
import { glorotNormal, glorotUniform, initializerSchema, zeros } from "./initializer.ts";
import {
  activation,
  allOne,
  channelsLast,
  dimension,
  everyLayer,
  flag,
  nothing,
  only,
  padding,
  regularizer,
  sizes,
} from "./layer-config.ts";
import { type LayerRule, oneInput, type WeightSpec } from "./layer-rule.ts";
import type { Shape } from "./shape.ts";

/** Sizes along the axes a window slides over. @throws FlError `invalid-argument` when the window does not fit */
export function windowed(
  input: Shape,
  window: { readonly size: readonly number[]; readonly strides: readonly number[]; readonly padding: "valid" | "same" },
): number[] {
  return window.size.map((size, axis) => {
    const length = input[axis]!;
    if (window.padding === "same") return Math.ceil(length / window.strides[axis]!);
    if (size > length) throw new FlError("invalid-argument", `window of ${size} does not fit in [${input}]`);
    return Math.floor((length - size) / window.strides[axis]!) + 1;
  });
}

// Dilation above 1 is refused: TensorFlow.js has no gradient for it on any backend.
function convolutionConfig(rank: number) {
  return {
    ...everyLayer,
    kernel_size: sizes(rank),
    strides: sizes(rank)
      .nullish()
      .transform((given) => given ?? Array.from({ length: rank }, () => 1)),
    padding,
    data_format: channelsLast,
    dilation_rate: allOne(rank),
    groups: only(1),
    activation: activation("linear"),
    use_bias: flag(true),
    bias_initializer: initializerSchema(zeros),
    bias_regularizer: regularizer,
    activity_regularizer: nothing,
    bias_constraint: nothing,
  };
}

function convolution(rank: number): LayerRule {
  const config = schema.strictObject({
    ...convolutionConfig(rank),
    filters: dimension,
    kernel_initializer: initializerSchema(glorotNormal),
    kernel_regularizer: regularizer,
    kernel_constraint: nothing,
  });
  return oneInput([rank + 1], config, (given, input) => {
    const shape = [...given.kernel_size, input.at(-1)!, given.filters];
    return {
      output: [...windowed(input, { ...given, size: given.kernel_size }), given.filters],
      weights: withBias([{ name: "kernel", shape, initializer: given.kernel_initializer }], given, given.filters),
      activation: given.activation,
    };
  });
}

const depthwiseConfig = {
  ...convolutionConfig(2),
  depthwise_initializer: initializerSchema(glorotNormal),
  depthwise_regularizer: regularizer,
  depthwise_constraint: nothing,
};

const depthwise = oneInput([3], schema.strictObject({ ...depthwiseConfig, depth_multiplier: dimension.nullish() }), (given, input) => {
  const multiplier = given.depth_multiplier ?? 1;
  const channels = input.at(-1)! * multiplier;
  const shape = [...given.kernel_size, input.at(-1)!, multiplier];
  return {
    output: [...windowed(input, { ...given, size: given.kernel_size }), channels],
    weights: withBias([{ name: "depthwise_kernel", shape, initializer: given.depthwise_initializer }], given, channels),
    activation: given.activation,
  };
});

const separable = oneInput(
  [3],
  schema.strictObject({
    ...depthwiseConfig,
    filters: dimension,
    // TensorFlow.js forgets any other multiplier when it writes the model down.
    depth_multiplier: only(1),
    depthwise_initializer: initializerSchema(glorotUniform),
    pointwise_initializer: initializerSchema(glorotUniform),
    pointwise_regularizer: regularizer,
    pointwise_constraint: nothing,
  }),
  (given, input) => {
    const channels = input.at(-1)!;
    const kernels = [
      { name: "depthwise_kernel", shape: [...given.kernel_size, channels, 1], initializer: given.depthwise_initializer },
      { name: "pointwise_kernel", shape: [1, 1, channels, given.filters], initializer: given.pointwise_initializer },
    ];
    return {
      output: [...windowed(input, { ...given, size: given.kernel_size }), given.filters],
      weights: withBias(kernels, given, given.filters),
      activation: given.activation,
    };
  },
);

function withBias(
  kernels: readonly WeightSpec[],
  given: { readonly use_bias: boolean; readonly bias_initializer: WeightSpec["initializer"] },
  channels: number,
): readonly WeightSpec[] {
  return given.use_bias ? [...kernels, { name: "bias", shape: [channels], initializer: given.bias_initializer }] : kernels;
}

const border = schema.number().int().min(0).max(1024);

const zeroPadding = oneInput(
  [3],
  schema.strictObject({ ...everyLayer, padding: schema.array(schema.array(border).length(2)).length(2), data_format: channelsLast }),
  (given, input) => {
    const [[top, bottom], [left, right]] = [given.padding[0]!, given.padding[1]!];
    return { output: [input[0]! + top! + bottom!, input[1]! + left! + right!, input[2]!], weights: [] };
  },
);

/** Layers that slide weights over an image or a sequence. */
export const convolutionLayers: readonly (readonly [string, LayerRule])[] = [
  ["Conv1D", convolution(1)],
  ["Conv2D", convolution(2)],
  ["DepthwiseConv2D", depthwise],
  ["SeparableConv2D", separable],
  ["ZeroPadding2D", zeroPadding],
];
