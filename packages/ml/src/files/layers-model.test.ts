import { utf8 } from "@sotto/base";
import type { Json } from "@sotto/schema";
import { toModelVector } from "@sotto/vector";
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { expect, test } from "vitest";
import { onBackend } from "../backend/active.ts";
import { openBackend } from "../backend/backend.ts";
import { createModel } from "../model/create.ts";
import { sampleJson, sampleTopology } from "../samples.ts";
import { encodeFloat32 } from "./float32-bytes.ts";
import { readTfjsLayersModel, tfjsLayersModel } from "./layers-model.ts";

test("a written model is read by TensorFlow.js and computes what its weights say", async () => {
  const backend = await openBackend({ prefer: "cpu" });
  const topology = sampleTopology(
    [2],
    [
      ["Dense", { units: 2 }],
      ["BatchNormalization", { epsilon: 0.001 }],
      ["Dense", { units: 1, activation: "sigmoid" }],
    ],
  );
  const { layout } = await createModel({ backend, topology, seed: 1 });
  // Kernel and bias, gamma and beta, kernel and bias, mean and variance.
  const vector = toModelVector(Float32Array.of(1, 2, 3, 4, 0.5, -0.5, 1, 2, 0, 1, 1, -1, 0.25, 3, 2, 0.999, 3.999));
  const files = tfjsLayersModel({ topology: topology.json, layout, vector });
  const json = JSON.parse(new TextDecoder().decode(files.get("model.json")));
  const loaded = await tfl.loadLayersModel({
    load: () =>
      tf.io.getModelArtifactsForJSON(json, async (manifest) => [
        manifest.flatMap((group) => group.weights),
        Uint8Array.from(files.get(manifest[0]!.paths[0]!)!).buffer,
      ]),
  });
  const output = onBackend("cpu", () => {
    const made = loaded.predict(tf.tensor2d([[1, -1]]));
    return made instanceof tf.Tensor ? made.dataSync()[0]! : Number.NaN;
  });
  const hidden = [1 - 3 + 0.5, 2 - 4 - 0.5];
  const normal = [(hidden[0]! - 3) / Math.sqrt(0.999 + 0.001), (2 * (hidden[1]! - 2)) / Math.sqrt(3.999 + 0.001) + 1];
  expect(output).toBeCloseTo(1 / (1 + Math.exp(-(normal[0]! - normal[1]! + 0.25))), 5);
  loaded.dispose();
});

test("a written model is read back as it was", async () => {
  const topology = sampleTopology(
    [6, 5],
    [
      ["LSTM", { units: 3 }],
      ["Dense", { units: 2, activation: "softmax" }],
    ],
  );
  const model = await createModel({ backend: await openBackend({ prefer: "cpu" }), topology, seed: 9 });
  expect(readTfjsLayersModel(tfjsLayersModel({ topology: topology.json, ...model }))).toEqual({ topology: topology.json, ...model });
});

const topology = sampleJson([3], [["Dense", { units: 1 }]]);

function filesOf(manifest: Json, modelTopology: Json, shards: readonly Uint8Array[]): ReadonlyMap<string, Uint8Array> {
  const json = {
    format: "layers-model",
    generatedBy: "keras v2.15.0",
    convertedBy: "TensorFlow.js Converter v4.22.0",
    modelTopology,
    weightsManifest: manifest,
  };
  return new Map([["model.json", utf8(JSON.stringify(json))], ...shards.map((shard, i) => [`shard${i}`, shard] as const)]);
}

test("a model of Python's converter is read: its topology wrapped once more, its weights in groups and shards", () => {
  const bytes = encodeFloat32(Float32Array.of(1, 2, 3, 4));
  const manifest = [
    { paths: ["shard0", "shard1"], weights: [{ name: "l0/kernel", shape: [3, 1], dtype: "float32" }] },
    { paths: ["shard2"], weights: [{ name: "l0/bias", shape: [1], dtype: "float32" }] },
  ];
  const wrapped = { keras_version: "2.15.0", backend: "tensorflow", model_config: topology };
  const files = filesOf(manifest, wrapped, [bytes.slice(0, 5), bytes.slice(5, 12), bytes.slice(12)]);
  expect(readTfjsLayersModel(files)).toEqual({
    topology,
    layout: [
      { name: "l0/kernel", shape: [3, 1] },
      { name: "l0/bias", shape: [1] },
    ],
    vector: Float32Array.of(1, 2, 3, 4),
  });
});

test("a model that lacks a file, has quantised weights or the wrong number of bytes is refused", () => {
  const weights = (more: object): Json =>
    JSON.parse(JSON.stringify([{ paths: ["shard0"], weights: [{ name: "w", shape: [1], dtype: "float32", ...more }] }]));
  const read = (manifest: Json, shards: readonly Uint8Array[]) => () => readTfjsLayersModel(filesOf(manifest, topology, shards));
  expect(read(weights({}), [])).toThrow('model has no file "shard0"');
  expect(read(weights({}), [new Uint8Array(3)])).toThrow("weights of 3 bytes must have 4");
  expect(read(weights({ quantization: { min: 0, scale: 1, dtype: "uint8" } }), [new Uint8Array(1)])).toThrow("quantization");
  expect(read(weights({ dtype: "int32" }), [new Uint8Array(4)])).toThrow("dtype");
  expect(() => readTfjsLayersModel(new Map())).toThrow('model has no file "model.json"');
});
