import { parameterCount } from "@sotto/protocol";
import * as tf from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import { openBackend } from "../backend/backend.ts";
import { sampleTopology } from "../samples.ts";
import { createModel } from "./create.ts";

const topology = sampleTopology(
  [6, 5],
  [
    ["LSTM", { units: 4, return_sequences: true, unit_forget_bias: true }],
    ["BatchNormalization", {}],
    ["Bidirectional", { layer: { class_name: "GRU", config: { name: "inner", units: 3 } } }],
    ["Dense", { units: 2, activation: "softmax" }],
  ],
);

test("one seed gives one vector, on every backend, and another seed another", async () => {
  const wasm = await openBackend({ prefer: "wasm" });
  const cpu = await openBackend({ prefer: "cpu" });
  const first = await createModel({ backend: wasm, topology, seed: 42 });
  expect(await createModel({ backend: wasm, topology, seed: 42 })).toEqual(first);
  expect(await createModel({ backend: cpu, topology, seed: 42 })).toEqual(first);
  expect((await createModel({ backend: cpu, topology, seed: 43 })).vector).not.toEqual(first.vector);
});

test("the layout lists trainable weights layer by layer, then the statistics of batch normalisation", async () => {
  const { layout, vector } = await createModel({ backend: await openBackend({ prefer: "cpu" }), topology, seed: 1 });
  expect(layout.map(({ name }) => name)).toEqual([
    "l0/kernel",
    "l0/recurrent_kernel",
    "l0/bias",
    "l1/gamma",
    "l1/beta",
    "l2/forward_inner/kernel",
    "l2/forward_inner/recurrent_kernel",
    "l2/forward_inner/bias",
    "l2/backward_inner/kernel",
    "l2/backward_inner/recurrent_kernel",
    "l2/backward_inner/bias",
    "l3/kernel",
    "l3/bias",
    "l1/moving_mean",
    "l1/moving_variance",
  ]);
  expect(vector.length).toBe(parameterCount(layout));
  // Moving means start at 0, moving variances at 1, and the two directions differently.
  expect([...vector.slice(-8)]).toEqual([0, 0, 0, 0, 1, 1, 1, 1]);
  const start = (name: string): number =>
    parameterCount(
      layout.slice(
        0,
        layout.findIndex((entry) => entry.name === name),
      ),
    );
  expect(vector[start("l2/forward_inner/kernel")]).not.toBe(vector[start("l2/backward_inner/kernel")]);
});

test("making a model leaves no tensor behind", async () => {
  const backend = await openBackend({ prefer: "wasm" });
  const before = tf.memory().numBytes;
  for (let i = 0; i < 20; i++) await createModel({ backend, topology, seed: i });
  expect(tf.memory().numBytes).toBe(before);
});
