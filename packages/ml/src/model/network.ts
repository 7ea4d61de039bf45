import { FlError, invariant, toFlError } from "@sotto/base";
import type { LayoutEntry } from "@sotto/protocol";
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { type BackendName, onBackend } from "../backend/active.ts";
import type { Topology } from "../topology/check.ts";
import { isSameShape, sizeOf } from "../topology/shape.ts";
import { buildableTopology } from "./buildable.ts";

/** A model that is built in TensorFlow.js: its weights are tensors until `dispose`. It puts out logits (see `buildable.ts`). */
export interface Network {
  readonly model: tfl.LayersModel;
  /** All weights: the trainable ones layer by layer, then statistics of batch normalisation; the order of the flat vector. */
  readonly layout: readonly LayoutEntry[];
  /** In the order of the layout. */
  readonly variables: readonly tf.Variable[];
  /** Those of them that training moves. */
  readonly trainable: readonly tf.Variable[];
}

/**
 * Builds a topology on a backend, its weights all zero. Dispose of `model` when done.
 * @throws FlError `internal` when TensorFlow.js refuses what the check let through
 */
export async function buildNetwork(backend: BackendName, topology: Topology): Promise<Network> {
  const json = JSON.parse(JSON.stringify(buildableTopology(topology)));
  const model = await onBackend(backend, () => tfl.models.modelFromJSON(json)).catch((cause: unknown) => {
    throw new FlError("internal", `topology does not build: ${toFlError(cause).message}`, { cause });
  });
  const layout = model.weights.map(({ originalName, shape }) => ({ name: originalName, shape: shape.map(Number) }));
  invariant(layout.length === topology.weights.length, "a topology builds into the weights that were inferred from it");
  for (const { name, shape } of topology.weights) {
    const built = layout.find((entry) => entry.name === name);
    invariant(built !== undefined && isSameShape(built.shape, shape), `weight ${name} is built as [${shape}]`);
  }
  return { model, layout, variables: model.weights.map(variableOf), trainable: model.trainableWeights.map(variableOf) };
}

/** Sets every weight from a flat vector, which is copied. */
export function writeWeights(network: Network, vector: Float32Array): void {
  let offset = 0;
  for (const variable of network.variables) {
    const values = vector.slice(offset, offset + variable.size);
    variable.assign(tf.tensor(values, variable.shape));
    offset += variable.size;
  }
  invariant(offset === vector.length, "the vector has the length of the layout");
}

/** Every weight in one new flat vector. */
export function readWeights(network: Network): Float32Array {
  const vector = new Float32Array(network.layout.reduce((count, entry) => count + sizeOf(entry.shape), 0));
  let offset = 0;
  for (const variable of network.variables) {
    vector.set(variable.dataSync(), offset);
    offset += variable.size;
  }
  return vector;
}

function variableOf(weight: tfl.LayerVariable): tf.Variable {
  const value = weight.read();
  invariant(value instanceof tf.Variable, `weight ${weight.originalName} is a variable`);
  return value;
}
