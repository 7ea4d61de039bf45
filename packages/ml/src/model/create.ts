import { invariant } from "@sotto/base";
import type { LayoutEntry } from "@sotto/protocol";
import { type ModelVector, toModelVector } from "@sotto/vector";
import type { Backend } from "../backend/backend.ts";
import { randomStream } from "../random.ts";
import type { Topology } from "../topology/check.ts";
import { initialValues } from "./initial-values.ts";
import { buildNetwork } from "./network.ts";

/**
 * A new model for the author of a task: its layout and first weights, which the caller owns. The layout holds all weights in the
 * order of TensorFlow.js' `model.weights` (trainable ones layer by layer, then statistics of batch normalisation, which travel
 * and are averaged like any weight) under their `originalName`. One topology and seed (0 to 2^32 - 1) give the same vector on
 * every backend, bit for bit.
 * @throws FlError `internal` when TensorFlow.js refuses what the check let through
 */
export async function createModel(order: {
  readonly backend: Backend;
  readonly topology: Topology;
  readonly seed: number;
}): Promise<{ readonly layout: readonly LayoutEntry[]; readonly vector: ModelVector }> {
  const { backend, topology, seed } = order;
  const { model, layout } = await buildNetwork(backend.name, topology);
  model.dispose();
  const vector = new Float32Array(topology.parameterCount);
  let offset = 0;
  for (const { name } of layout) {
    const stream = topology.weights.findIndex((weight) => weight.name === name);
    const weight = topology.weights[stream];
    invariant(weight !== undefined, `weight ${name} is in the topology`);
    const values = initialValues(weight, randomStream({ seed, stream }));
    vector.set(values, offset);
    offset += values.length;
  }
  return { layout, vector: toModelVector(vector) };
}
