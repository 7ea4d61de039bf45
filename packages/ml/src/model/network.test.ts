import type { Json } from "@sotto/schema";
import { toModelVector } from "@sotto/vector";
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { onBackend } from "../backend/active.ts";
import { openBackend } from "../backend/backend.ts";
import { type SampleLayer, sampleJson, sampleTopology } from "../samples.ts";
import { checkTopology, type Topology } from "../topology/check.ts";
import { buildNetwork, readWeights, writeWeights } from "./network.ts";

beforeAll(async () => {
  await openBackend({ prefer: "cpu" });
});

function accepted(json: Json): Topology {
  const outcome = checkTopology(json);
  if (outcome.kind === "refused") throw new Error(outcome.refusal.message);
  return outcome.value;
}

async function outputOf(topology: Topology, weights: readonly number[], row: readonly number[]): Promise<number[]> {
  const network = await buildNetwork("cpu", topology);
  return onBackend("cpu", () => {
    writeWeights(network, toModelVector(Float32Array.from(weights)));
    const output = network.model.apply(tf.tensor2d([[...row]]));
    network.model.dispose();
    return output instanceof tf.Tensor ? [...output.dataSync()] : [];
  });
}

const dense = (units: number, more: SampleLayer[1] = {}): SampleLayer => ["Dense", { units, use_bias: false, ...more }];

test.each([
  ["a dense layer with an activation", [dense(2, { activation: "softmax" })]],
  ["an activation layer", [dense(2), ["Activation", { activation: "softmax" }]]],
  ["a softmax layer", [dense(2), ["Softmax", {}]]],
] as const)("a model that ends in %s puts out what goes into the activation", async (_what, layers) => {
  expect(await outputOf(sampleTopology([2], layers), [1, 2, 3, 4], [10, 100])).toEqual([310, 420]);
});

test("an activation that is not at the end stays", async () => {
  expect(await outputOf(sampleTopology([1], [dense(1, { activation: "sigmoid" }), dense(1)]), [0, 8], [5])).toEqual([4]);
});

const units = (name: string, from: string, more: object = {}): object => ({
  class_name: "Dense",
  name,
  config: { name, units: 1, use_bias: false, ...more },
  inbound_nodes: [[[from, 0, 0, {}]]],
});

test("a graph with two branches is built, its weights in the order TensorFlow.js walks it", async () => {
  const layers = [
    {
      class_name: "InputLayer",
      name: "in",
      config: { name: "in", batch_input_shape: [null, 2], dtype: "float32", sparse: false },
      inbound_nodes: [],
    },
    units("far", "in"),
    units("near", "in"),
    units("farther", "far"),
    {
      class_name: "Add",
      name: "sum",
      config: { name: "sum" },
      inbound_nodes: [
        [
          ["near", 0, 0, {}],
          ["farther", 0, 0, {}],
        ],
      ],
    },
    units("out", "sum", { activation: "sigmoid" }),
  ];
  const topology = accepted(
    JSON.parse(
      JSON.stringify({
        class_name: "Functional",
        config: { name: "m", layers, input_layers: [["in", 0, 0]], output_layers: [["out", 0, 0]] },
      }),
    ),
  );
  expect(topology.outputActivation).toBe("sigmoid");
  const network = await buildNetwork("cpu", topology);
  expect(network.layout.map(({ name }) => name)).toEqual(["far/kernel", "near/kernel", "farther/kernel", "out/kernel"]);
  network.model.dispose();
  // far = a + 2 b, near = 3 a + 4 b, out = 7 (near + 5 far)
  expect(await outputOf(topology, [1, 2, 3, 4, 5, 7], [1, 10])).toEqual([7 * (43 + 5 * 21)]);
});

test("a list of layers for a config, and an input layer before the first, are read as Keras reads them", async () => {
  const bare = [
    { class_name: "InputLayer", config: { name: "in", batch_input_shape: [null, 2] } },
    { class_name: "Dense", config: { name: "d", units: 1 } },
  ];
  expect(await outputOf(accepted({ class_name: "Sequential", config: bare }), [2, 3, 1], [10, 100])).toEqual([321]);
});

test("weights come back as they went in", async () => {
  const network = await buildNetwork(
    "cpu",
    sampleTopology(
      [3],
      [
        ["Dense", { units: 2 }],
        ["BatchNormalization", {}],
        ["Dense", { units: 1 }],
      ],
    ),
  );
  const count = 6 + 2 + 8 + 3;
  fc.assert(
    fc.property(fc.float32Array({ minLength: count, maxLength: count, noNaN: true, noDefaultInfinity: true }), (values) => {
      const before = values.slice();
      expect(
        onBackend("cpu", () => {
          writeWeights(network, values);
          return readWeights(network);
        }),
      ).toEqual(before);
      expect(values).toEqual(before);
    }),
    { numRuns: 30 },
  );
  onBackend("cpu", () => network.model.dispose());
});

test("building draws no weights: a large orthogonal initializer costs nothing, and a topology is not changed by it", async () => {
  const json = sampleJson(
    [4, 3],
    [
      ["LSTM", { units: 64 }],
      ["Dense", { units: 1, activation: "sigmoid" }],
    ],
  );
  const topology = accepted(json);
  const before = JSON.stringify(json);
  const network = await buildNetwork("cpu", topology);
  expect(onBackend("cpu", () => readWeights(network)).every((value) => value === 0)).toBe(true);
  expect(JSON.stringify(json)).toBe(before);
  network.model.dispose();
});
