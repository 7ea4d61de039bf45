import { parseTaskId } from "@sotto/base";
import type { Plan } from "./plan.ts";
import type { TaskSpec } from "./task-spec.ts";

/** A valid plan with one column of each type, for tests. */
export const examplePlan: Plan = {
  version: 1,
  task: parseTaskId("heart-disease"),
  purpose: "train",
  model: {
    topology: { class_name: "Sequential", config: { layers: [{ class_name: "Dense", config: { units: 1 } }] } },
    layout: [
      { name: "dense/kernel", shape: [5, 1] },
      { name: "dense/bias", shape: [1] },
    ],
  },
  data: {
    format: "csv",
    delimiter: ",",
    header: true,
    missing: ["?"],
    columns: [
      { type: "numeric", name: "age", mean: 54, deviation: 9, imputed: 54, min: 0, max: 120, missing: [] },
      { type: "numeric", name: "cholesterol", mean: 246, deviation: 52, imputed: 240, min: 50, max: 700, missing: ["0"] },
      { type: "categorical", name: "pain", levels: ["typical", "atypical", "none"] },
      { type: "ignored", name: "site" },
      { type: "ignored", name: "disease" },
    ],
    target: { type: "binary", column: "disease", above: 0 },
    heldBack: { fraction: 0.2, seed: 7 },
  },
  training: {
    length: { unit: "epochs", count: 2 },
    batchSize: 32,
    optimizer: { kind: "adam", learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
    loss: "binaryCrossentropy",
    seed: 42,
  },
  evaluation: { lossMax: 8, aucBins: 4 },
  contribution: { clipNorm: 1, weightMax: 500, quantisationBits: 16 },
  aggregation: { cohortSizeMin: 3, gamma: 0.2, delta: 0.25, samplingRate: null },
  privacy: { unit: "none" },
};

const { task: _task, purpose: _purpose, ...authored } = examplePlan;

/** A valid task of that plan, for tests. */
export const exampleTaskSpec: TaskSpec = {
  ...authored,
  name: "Heart disease in four hospitals",
  rounds: 20,
  cohort: {
    count: { min: 3, goal: 4, max: 4 },
    selecting: { minMs: 0, maxMs: 600_000 },
    protocol: { minMs: 0, maxMs: 60_000 },
  },
  serverOptimizer: { kind: "yogi", learningRate: 0.1, beta1: 0.9, beta2: 0.99, tau: 0.001 },
  whenAbandoned: "wait",
  abandonedMax: 10,
};
