import { FlError } from "@sotto/base";
import * as tf from "@tensorflow/tfjs-core";
import { plainProduct } from "./matrix-product.ts";
import { inputOf, paddingOf, pair, reshaped, shape4, type WasmKernel, type WasmTensors } from "./wasm-tensors.ts";

/**
 * Conv2DBackpropFilter, which the package lacks: itself a convolution, in which examples play the part of channels, channels
 * that of examples, dy is the filter, and the stride of the forward pass is the dilation.
 */
export const convolutionFilterGradient: WasmKernel = (tensors, inputs, attributes) => {
  const [x, dy] = [inputOf(inputs, "x"), inputOf(inputs, "dy")];
  const c = geometry(shape4(x.shape), shape4(attributes["filterShape"]), attributes);
  if (c.filterHeight === 1 && c.filterWidth === 1 && c.strideHeight === 1 && c.strideWidth === 1) {
    const pixels = c.batchSize * c.inHeight * c.inWidth;
    const channelsFirst = tensors.transpose(reshaped(x, [pixels, c.inChannels]), [1, 0]);
    const product = plainProduct(tensors, channelsFirst, reshaped(dy, [pixels, c.outChannels]));
    tensors.release(channelsFirst);
    return { ...product, shape: [1, 1, c.inChannels, c.outChannels] };
  }
  const image = tensors.transpose(x, [3, 1, 2, 0]);
  const filter = tensors.transpose(dy, [1, 2, 0, 3]);
  const { top, left } = c.padInfo;
  const swapped = convolve(tensors, image, filter, {
    dilations: [c.strideHeight, c.strideWidth],
    top,
    bottom: (c.outHeight - 1) * c.strideHeight + c.filterHeight - c.inHeight - top,
    left,
    right: (c.outWidth - 1) * c.strideWidth + c.filterWidth - c.inWidth - left,
  });
  const gradient = tensors.transpose(swapped, [1, 2, 0, 3]);
  tensors.release(image, filter, swapped);
  return gradient;
};

/**
 * Conv2DBackpropInput, slow in the package: dy, spread out by the stride, is convolved with the filter turned half a circle,
 * its channels swapped.
 */
export const convolutionInputGradient: WasmKernel = (tensors, inputs, attributes) => {
  const [dy, filter] = [inputOf(inputs, "dy"), inputOf(inputs, "filter")];
  const c = geometry(shape4(attributes["inputShape"]), shape4(filter.shape), attributes);
  const spread = spreadOut(tensors, dy, c);
  const turned = tensors.stock("Reverse", { x: filter }, { dims: [0, 1] });
  const swapped = tensors.transpose(turned, [0, 1, 3, 2]);
  const top = c.filterHeight - 1 - c.padInfo.top;
  const left = c.filterWidth - 1 - c.padInfo.left;
  const gradient = convolve(tensors, spread, swapped, {
    dilations: [1, 1],
    top,
    bottom: c.inHeight + c.filterHeight - 1 - spread.shape[1]! - top,
    left,
    right: c.inWidth + c.filterWidth - 1 - spread.shape[2]! - left,
  });
  tensors.release(spread, turned, swapped);
  return gradient;
};

function geometry(
  input: [number, number, number, number],
  filter: [number, number, number, number],
  attributes: tf.NamedAttrMap,
): tf.backend_util.Conv2DInfo {
  if (attributes["dataFormat"] !== "NHWC")
    throw new FlError("unimplemented", `convolution gradient in ${attributes["dataFormat"]} must be in NHWC`);
  return tf.backend_util.computeConv2DInfo(input, filter, pair(attributes["strides"]), 1, paddingOf(attributes["pad"]), "floor");
}

interface Borders {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

// A negative border cuts rows or columns off.
function convolve(
  tensors: WasmTensors,
  image: tf.TensorInfo,
  filter: tf.TensorInfo,
  { dilations, ...borders }: Borders & { readonly dilations: [number, number] },
): tf.TensorInfo {
  const cut = cutOff(tensors, image, borders);
  const positive = (border: number): number => Math.max(0, border);
  const pad = [
    [0, 0],
    [positive(borders.top), positive(borders.bottom)],
    [positive(borders.left), positive(borders.right)],
    [0, 0],
  ];
  const made = tensors.stock(
    "Conv2D",
    { x: cut, filter },
    { strides: [1, 1], dilations, dataFormat: "NHWC", pad, dimRoundingMode: "floor" },
  );
  tensors.release(cut);
  return made;
}

function cutOff(tensors: WasmTensors, image: tf.TensorInfo, { top, bottom, left, right }: Borders): tf.TensorInfo {
  if (top >= 0 && bottom >= 0 && left >= 0 && right >= 0) return tensors.share(image);
  const [batch, height, width, channels] = shape4(image.shape);
  const off = (border: number): number => Math.max(0, -border);
  return tensors.stock(
    "Slice",
    { x: image },
    { begin: [0, off(top), off(left), 0], size: [batch, height - off(top) - off(bottom), width - off(left) - off(right), channels] },
  );
}

function spreadOut(tensors: WasmTensors, dy: tf.TensorInfo, c: tf.backend_util.Conv2DInfo): tf.TensorInfo {
  if (c.strideHeight === 1 && c.strideWidth === 1) return tensors.share(dy);
  const height = (c.outHeight - 1) * c.strideHeight + 1;
  const width = (c.outWidth - 1) * c.strideWidth + 1;
  const spread = tensors.output([c.batchSize, height, width, c.outChannels]);
  const [from, to] = [tensors.floats(dy), tensors.floats(spread)];
  to.fill(0);
  let at = 0;
  for (let example = 0; example < c.batchSize; example++)
    for (let row = 0; row < c.outHeight; row++)
      for (let column = 0; column < c.outWidth; column++, at += c.outChannels) {
        const pixel = (example * height + row * c.strideHeight) * width + column * c.strideWidth;
        to.set(from.subarray(at, at + c.outChannels), pixel * c.outChannels);
      }
  return spread;
}
