import * as tf from "@tensorflow/tfjs-core";
import { inputOf, paddingOf, pair, shape4, type WasmKernel } from "./wasm-tensors.ts";

/** DepthwiseConv2dNativeBackpropFilter, which the package lacks. */
export const depthwiseFilterGradient: WasmKernel = (tensors, inputs, attributes) => {
  const [x, dy] = [inputOf(inputs, "x"), inputOf(inputs, "dy")];
  const shape = shape4(attributes["filterShape"]);
  const gradient = tensors.output(shape);
  const [image, change, filter] = [tensors.floats(x), tensors.floats(dy), tensors.floats(gradient)];
  filter.fill(0);
  forEachTap(geometry(shape4(x.shape), shape, attributes), ({ pixel, weight, output }, channelOf) => {
    for (let i = 0; i < channelOf.length; i++) filter[weight + i]! += image[pixel + channelOf[i]!]! * change[output + i]!;
  });
  return gradient;
};

/** DepthwiseConv2dNativeBackpropInput, which the package lacks. */
export const depthwiseInputGradient: WasmKernel = (tensors, inputs, attributes) => {
  const [dy, weights] = [inputOf(inputs, "dy"), inputOf(inputs, "filter")];
  const shape = shape4(attributes["inputShape"]);
  const gradient = tensors.output(shape);
  const [filter, change, image] = [tensors.floats(weights), tensors.floats(dy), tensors.floats(gradient)];
  image.fill(0);
  forEachTap(geometry(shape, shape4(weights.shape), attributes), ({ pixel, weight, output }, channelOf) => {
    for (let i = 0; i < channelOf.length; i++) image[pixel + channelOf[i]!]! += filter[weight + i]! * change[output + i]!;
  });
  return gradient;
};

function geometry(
  input: [number, number, number, number],
  filter: [number, number, number, number],
  attributes: tf.NamedAttrMap,
): tf.backend_util.Conv2DInfo {
  return tf.backend_util.computeConv2DInfo(
    input,
    filter,
    pair(attributes["strides"]),
    pair(attributes["dilations"]),
    paddingOf(attributes["pad"]),
    "floor",
    true,
  );
}

/** Offsets of the first channel that one weight joins. */
interface Tap {
  readonly pixel: number;
  readonly weight: number;
  readonly output: number;
}

/** Visits every pair of a weight and a pixel it falls on; `channelOf` maps a channel put out to the one taken in. */
function forEachTap(c: tf.backend_util.Conv2DInfo, visit: (tap: Tap, channelOf: Uint32Array) => void): void {
  const multiplier = c.outChannels / c.inChannels;
  const channelOf = Uint32Array.from({ length: c.outChannels }, (_, i) => Math.floor(i / multiplier));
  for (let example = 0, output = 0; example < c.batchSize; example++)
    for (let row = 0; row < c.outHeight; row++)
      for (let column = 0; column < c.outWidth; column++, output += c.outChannels)
        forEachPixel(c, row, column, (inRow, inColumn, weight) => {
          const pixel = ((example * c.inHeight + inRow) * c.inWidth + inColumn) * c.inChannels;
          visit({ pixel, weight: weight * c.outChannels, output }, channelOf);
        });
}

function forEachPixel(
  c: tf.backend_util.Conv2DInfo,
  row: number,
  column: number,
  visit: (inRow: number, inColumn: number, weight: number) => void,
): void {
  for (let down = 0; down < c.filterHeight; down++) {
    const inRow = row * c.strideHeight - c.padInfo.top + down * c.dilationHeight;
    if (inRow < 0 || inRow >= c.inHeight) continue;
    for (let along = 0; along < c.filterWidth; along++) {
      const inColumn = column * c.strideWidth - c.padInfo.left + along * c.dilationWidth;
      if (inColumn >= 0 && inColumn < c.inWidth) visit(inRow, inColumn, down * c.filterWidth + along);
    }
  }
}
