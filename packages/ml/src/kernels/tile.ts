import { invariant } from "@sotto/base";
import * as tf from "@tensorflow/tfjs-core";
import { inputOf, type WasmKernel } from "./wasm-tensors.ts";

/** Tile of a block along leading axes of size 1, as the gradient of batch normalisation does it: copies that double each time. */
export const tile: WasmKernel = (tensors, inputs, attributes) => {
  const x = inputOf(inputs, "x");
  const repeats = attributes["reps"];
  invariant(Array.isArray(repeats) && repeats.length === x.shape.length, "a tile repeats along every axis");
  const counts: number[] = repeats.map(Number);
  const block = x.shape.findIndex((size) => size !== 1);
  const whole = x.dtype === "float32" && (block < 0 || counts.slice(block).every((count) => count === 1));
  if (!whole) return tensors.stock("Tile", { x }, attributes);
  const made = tensors.output(x.shape.map((size, axis) => size * counts[axis]!));
  const to = tensors.floats(made);
  const size = tf.util.sizeFromShape(x.shape);
  to.set(tensors.floats(x));
  for (let have = size; have < to.length; have *= 2) to.copyWithin(have, 0, Math.min(have, to.length - have));
  return made;
};
