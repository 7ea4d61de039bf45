import { invariant } from "@sotto/base";
import * as tf from "@tensorflow/tfjs-core";
import { inputOf, type WasmKernel } from "./wasm-tensors.ts";

/** UnsortedSegmentSum, which the package lacks: the gradient of a gather, and so of an embedding. Rows of unknown segments are dropped. */
export const segmentSum: WasmKernel = (tensors, inputs, attributes) => {
  const [x, segmentIds] = [inputOf(inputs, "x"), inputOf(inputs, "segmentIds")];
  const segments = attributes["numSegments"];
  invariant(typeof segments === "number", "the number of segments is given");
  const rest = x.shape.slice(segmentIds.shape.length);
  const width = tf.util.sizeFromShape(rest);
  const sums = tensors.output([segments, ...rest]);
  const [from, ids, to] = [tensors.floats(x), tensors.ints(segmentIds), tensors.floats(sums)];
  to.fill(0);
  ids.forEach((segment, row) => {
    if (segment < 0 || segment >= segments) return;
    for (let i = 0; i < width; i++) to[segment * width + i]! += from[row * width + i]!;
  });
  return sums;
};
