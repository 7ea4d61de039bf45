import { type DataSchema, featureCount, type LayoutEntry, type TaskSpec } from "@sotto/protocol";
import type { Json } from "@sotto/schema";
import type { DemoRecipe } from "./recipe.ts";

/** What the demo's task depends on. */
export interface DemoTask {
  readonly name: string;
  readonly data: DataSchema;
  /** How many clients there are: all are asked. */
  readonly clients: number;
  readonly rounds: number;
  /** 0 to 2^32 - 1; of shuffling. */
  readonly seed: number;
  readonly recipe: DemoRecipe;
  /** Of the model made of {@link demoTopology}. */
  readonly layout: readonly LayoutEntry[];
}

/** The Keras JSON of the demo's model: the recipe's hidden layer, if any, and one sigmoid unit for the probability of class 1. */
export function demoTopology(data: DataSchema, { hiddenUnits }: Pick<DemoRecipe, "hiddenUnits">): Json {
  const hidden = hiddenUnits === 0 ? [] : [{ name: "hidden", units: hiddenUnits, activation: "relu", use_bias: true }];
  const [first, ...rest] = [...hidden, { name: "output", units: 1, activation: "sigmoid", use_bias: true }];
  const input = { ...first, batch_input_shape: [null, featureCount(data)], dtype: "float32" };
  return {
    class_name: "Sequential",
    config: { name: "demo", layers: [input, ...rest].map((config) => ({ class_name: "Dense", config })) },
  };
}

/** The task that `sotto demo` submits: federated averaging, one local epoch a round, three clients at least in every sum. */
export function demoTaskSpec(task: DemoTask): TaskSpec {
  return {
    version: 1,
    name: task.name,
    rounds: task.rounds,
    model: { topology: demoTopology(task.data, task.recipe), layout: task.layout },
    data: task.data,
    training: {
      length: { unit: "epochs", count: 1 },
      batchSize: task.recipe.batchSize,
      optimizer: task.recipe.optimizer,
      loss: "binaryCrossentropy",
      seed: task.seed,
    },
    evaluation: { lossMax: 16, aucBins: 128 },
    contribution: { clipNorm: 10, weightMax: 1000, quantisationBits: 24 },
    aggregation: { cohortSizeMin: 3, gamma: 0.2, delta: 0.25, samplingRate: null },
    privacy: { unit: "none" },
    cohort: {
      count: { min: 3, goal: task.clients, max: task.clients },
      selecting: { minMs: 0, maxMs: 120_000 },
      protocol: { minMs: 0, maxMs: 5000 },
    },
    serverOptimizer: { kind: "sgd", learningRate: 1, momentum: task.recipe.serverMomentum },
    whenAbandoned: "wait",
    abandonedMax: 5,
  };
}
