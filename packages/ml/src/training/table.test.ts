import type { LossName } from "@sotto/protocol";
import { expect, test } from "vitest";
import { type SampleLayer, sampleTopology } from "../samples.ts";
import { assertTableFits, type Table } from "./table.ts";

const sigmoid = sampleTopology([2], [["Dense", { units: 1, activation: "sigmoid" }]]);
const softmax = sampleTopology([2], [["Dense", { units: 3, activation: "softmax" }]]);
const linear = sampleTopology([2], [["Dense", { units: 1 }]]);

function table(labels: readonly number[], more: Partial<Table> = {}): Table {
  const rows = labels.length;
  return { rows, featureCount: 2, features: new Float32Array(2 * rows), labels: Float32Array.from(labels), ...more };
}

test("a table fits the loss and the model it was made for", () => {
  assertTableFits(table([0, 1, 1]), "binaryCrossentropy", sigmoid);
  assertTableFits(table([0, 1, 2]), "sparseCategoricalCrossentropy", softmax);
  assertTableFits(table([-0.5, 7]), "meanSquaredError", linear);
  assertTableFits(table([]), "binaryCrossentropy", sigmoid);
});

const wrong: Readonly<Record<string, readonly [Table, LossName, typeof sigmoid, string]>> = {
  "a label that is no class": [table([0, 2]), "binaryCrossentropy", sigmoid, "label of row 1"],
  "a class past the outputs": [table([0, 3]), "sparseCategoricalCrossentropy", softmax, "label of row 1"],
  "a label that is not finite": [table([Number.NaN]), "meanSquaredError", linear, "label of row 0"],
  "a feature that is not finite": [
    table([0, 1], { features: Float32Array.of(0, 0, 0, Number.POSITIVE_INFINITY) }),
    "binaryCrossentropy",
    sigmoid,
    "feature 1 of row 1",
  ],
  "another number of features": [
    table([0], { featureCount: 3, features: new Float32Array(3) }),
    "binaryCrossentropy",
    sigmoid,
    "3 features and the model takes [2]",
  ],
  "buffers of another size": [table([0], { features: new Float32Array(1) }), "binaryCrossentropy", sigmoid, "holds 1 features"],
  "a loss on probabilities without them": [table([0]), "binaryCrossentropy", linear, "activation sigmoid"],
  "a loss over classes on one output": [table([0]), "sparseCategoricalCrossentropy", sigmoid, "activation softmax"],
  "a regression with many outputs": [table([0]), "meanSquaredError", softmax, "needs 1 output"],
};

test.each(Object.keys(wrong))("a table does not fit with %s", (name) => {
  const [given, loss, topology, message] = wrong[name]!;
  expect(() => assertTableFits(given, loss, topology)).toThrow(message);
});

test("tokens must be rows of the embedding", () => {
  const layers: readonly SampleLayer[] = [
    ["Embedding", { input_dim: 4, output_dim: 2 }],
    ["Flatten", {}],
    ["Dense", { units: 1 }],
  ];
  const topology = sampleTopology([2], layers);
  assertTableFits(table([0], { features: Float32Array.of(0, 3) }), "meanSquaredError", topology);
  for (const token of [-1, 4, 0.5])
    expect(() => assertTableFits(table([0], { features: Float32Array.of(0, token) }), "meanSquaredError", topology)).toThrow(
      "one of 4 tokens",
    );
});
