import * as tf from "@tensorflow/tfjs-core";
import { inputOf, paddingOf, pair, shape4, type WasmKernel } from "./wasm-tensors.ts";

/**
 * MaxPoolGrad: each window hands its gradient to the first of its largest values. The package's own kernel starts its search
 * from the smallest positive float and so loses every window whose maximum is not above 0, without a word.
 */
export const maxPoolGradient: WasmKernel = (tensors, inputs, attributes) => {
  const [dy, input] = [inputOf(inputs, "dy"), inputOf(inputs, "input")];
  const window = pair(attributes["filterSize"]);
  const pool = tf.backend_util.computePool2DInfo(
    shape4(input.shape),
    window,
    pair(attributes["strides"]),
    1,
    paddingOf(attributes["pad"]),
    "floor",
  );
  const gradient = tensors.output(input.shape);
  const [values, change, to] = [tensors.floats(input), tensors.floats(dy), tensors.floats(gradient)];
  to.fill(0);
  let at = 0;
  for (let example = 0; example < pool.batchSize; example++)
    for (let row = 0; row < pool.outHeight; row++)
      for (let column = 0; column < pool.outWidth; column++) {
        const clipped = windowAt(pool, { example, row, column });
        for (let channel = 0; channel < pool.inChannels; channel++, at++) to[largestIn(values, clipped, channel)]! += change[at]!;
      }
  return gradient;
};

interface Window {
  /** Offset of the first channel of the first pixel. */
  readonly start: number;
  readonly rows: number;
  readonly columns: number;
  /** Values between a pixel and the one below it, and the one beside it. */
  readonly down: number;
  readonly along: number;
}

function windowAt(
  pool: tf.backend_util.Conv2DInfo,
  { example, row, column }: { readonly example: number; readonly row: number; readonly column: number },
): Window {
  const top = row * pool.strideHeight - pool.padInfo.top;
  const left = column * pool.strideWidth - pool.padInfo.left;
  const [firstRow, firstColumn] = [Math.max(0, top), Math.max(0, left)];
  return {
    start: ((example * pool.inHeight + firstRow) * pool.inWidth + firstColumn) * pool.inChannels,
    rows: Math.min(pool.inHeight, top + pool.filterHeight) - firstRow,
    columns: Math.min(pool.inWidth, left + pool.filterWidth) - firstColumn,
    down: pool.inWidth * pool.inChannels,
    along: pool.inChannels,
  };
}

function largestIn(values: Float32Array, window: Window, channel: number): number {
  let best = window.start + channel;
  for (let row = 0; row < window.rows; row++)
    for (let column = 0; column < window.columns; column++) {
      const at = window.start + channel + row * window.down + column * window.along;
      if (values[at]! > values[best]!) best = at;
    }
  return best;
}
