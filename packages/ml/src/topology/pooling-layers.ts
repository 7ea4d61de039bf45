import { FlError } from "@sotto/base";
import { schema } from "@sotto/schema";
import { windowed } from "./convolution-layers.ts";
import { channelsLast, everyLayer, only, padding, sizes } from "./layer-config.ts";
import { type LayerRule, oneInput } from "./layer-rule.ts";
import type { Shape } from "./shape.ts";

function pooling(rank: number, assertWindows: (input: Shape, output: Shape, window: Window) => void = () => {}): LayerRule {
  const config = schema.strictObject({
    ...everyLayer,
    pool_size: sizes(rank),
    strides: sizes(rank).nullish(),
    padding,
    data_format: channelsLast,
  });
  return oneInput([rank + 1], config, (given, input) => {
    const window = { size: given.pool_size, strides: given.strides ?? given.pool_size, padding: given.padding };
    const output = windowed(input, window);
    assertWindows(input, output, window);
    return { output: [...output, input.at(-1)!], weights: [] };
  });
}

interface Window {
  readonly size: readonly number[];
  readonly strides: readonly number[];
}

// TensorFlow.js leaves padding out of the average but not out of its gradient, on every backend but TensorFlow's own.
function assertNoOverhang(input: Shape, output: Shape, { size, strides }: Window): void {
  if (output.some((count, axis) => (count - 1) * strides[axis]! + size[axis]! > input[axis]!))
    throw new FlError("invalid-argument", `averages over [${size}] reach past the border of [${input}], where their gradient is wrong`);
}

function globalPooling(rank: number): LayerRule {
  const config = schema.strictObject({ ...everyLayer, data_format: channelsLast, keepdims: only(false) });
  return oneInput([rank + 1], config, (_given, input) => ({ output: [input.at(-1)!], weights: [] }));
}

/** Layers that summarise windows, or whole images and sequences. */
export const poolingLayers: readonly (readonly [string, LayerRule])[] = [
  ["MaxPooling1D", pooling(1)],
  ["MaxPooling2D", pooling(2)],
  ["AveragePooling1D", pooling(1, assertNoOverhang)],
  ["AveragePooling2D", pooling(2, assertNoOverhang)],
  ["GlobalMaxPooling1D", globalPooling(1)],
  ["GlobalMaxPooling2D", globalPooling(2)],
  ["GlobalAveragePooling1D", globalPooling(1)],
  ["GlobalAveragePooling2D", globalPooling(2)],
];
