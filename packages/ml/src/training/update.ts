import { FlError } from "@sotto/base";
import type { LayoutEntry } from "@sotto/protocol";
import { type ModelVector, toUpdate, type Update } from "@sotto/vector";
import { sizeOf } from "../topology/shape.ts";

/**
 * Trained weights less received ones, as a new array.
 * @throws FlError `failed-precondition` naming the weight when a trained one is not finite
 */
export function updateOf(weights: {
  readonly trained: Float32Array;
  readonly received: ModelVector;
  readonly layout: readonly LayoutEntry[];
}): Update {
  const { trained, received, layout } = weights;
  let offset = 0;
  for (const { name, shape } of layout) {
    const end = offset + sizeOf(shape);
    const wrong = trained.subarray(offset, end).find((value) => !Number.isFinite(value));
    if (wrong !== undefined) throw new FlError("failed-precondition", `weight ${name} became ${wrong} in training`);
    offset = end;
  }
  return toUpdate(trained.map((value, i) => value - received[i]!));
}
