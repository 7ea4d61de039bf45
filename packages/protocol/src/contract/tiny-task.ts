import { parseTaskId } from "@sotto/base";
import { examplePlan, exampleTaskSpec } from "../example-plan.ts";
import type { Plan } from "../plan.ts";
import type { PlanParts } from "../plan-parts.ts";
import type { TaskSpec } from "../task-spec.ts";

const tinyParts: PlanParts = {
  model: { topology: {}, layout: [{ name: "w", shape: [3] }] },
  data: {
    ...examplePlan.data,
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
  aggregation: { cohortSizeMin: 3, gamma: 0, delta: 0.3, samplingRate: null },
  privacy: { unit: "none" },
};

/** A plan over a table of one column for a model of three parameters, to be changed part by part. No histogram, so its vector is short. */
export const tinyPlan: Plan = { version: 1, task: parseTaskId("heart"), purpose: "train", ...tinyParts };

/** A task of that plan for three to six clients, whose server optimizer applies the mean as it is. */
export const tinyTaskSpec: TaskSpec = {
  ...exampleTaskSpec,
  ...tinyParts,
  name: "Tiny",
  rounds: 2,
  cohort: {
    count: { min: 3, goal: 5, max: 6 },
    selecting: { minMs: 1_000, maxMs: 60_000 },
    protocol: { minMs: 0, maxMs: 10_000 },
  },
  serverOptimizer: { kind: "sgd", learningRate: 1, momentum: 0 },
  abandonedMax: 3,
};
