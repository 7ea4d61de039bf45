import { parseTaskId } from "@sotto/base";
import type { Plan } from "@sotto/protocol";

/** A plan for a model of four parameters; `change` replaces parts of it. */
export function testPlan(change: Partial<Plan> = {}): Plan {
  return {
    version: 1,
    task: parseTaskId("heart"),
    purpose: "train",
    model: { topology: {}, layout: [{ name: "w", shape: [2, 2] }] },
    data: {
      format: "csv",
      delimiter: ",",
      header: true,
      missing: [],
      columns: [
        { type: "numeric", name: "x", mean: 0, deviation: 1, imputed: 0, min: -10, max: 10, missing: [] },
        { type: "ignored", name: "y" },
      ],
      target: { type: "binary", column: "y", above: 0 },
      heldBack: { fraction: 0.2, seed: 1 },
    },
    training: {
      length: { unit: "epochs", count: 1 },
      batchSize: 8,
      optimizer: { kind: "sgd", learningRate: 0.1, momentum: 0 },
      loss: "binaryCrossentropy",
      seed: 1,
    },
    evaluation: { lossMax: 10, aucBins: 0 },
    contribution: { clipNorm: 1, weightMax: 1_000, quantisationBits: 16 },
    aggregation: { cohortSizeMin: 3, gamma: 0.2, delta: 0.3 },
    privacy: { unit: "none" },
    ...change,
  };
}
