import type { LocalOptimizer } from "@sotto/protocol";

/** How the demo learns from one kind of table. */
export interface DemoRecipe {
  /** Rectified units of the one hidden layer; 0 for none: logistic regression. */
  readonly hiddenUnits: number;
  /** Rows a local step looks at; more than a client has means all of them. */
  readonly batchSize: number;
  readonly optimizer: LocalOptimizer;
  /** Momentum of the server optimizer. */
  readonly serverMomentum: number;
  /** Training rounds, each one local epoch, unless the user asks for another number. */
  readonly rounds: number;
}

/** For the synthetic hospitals: their truth holds an interaction, which a hidden layer finds. */
export const hospitalRecipe: DemoRecipe = {
  hiddenUnits: 16,
  batchSize: 16,
  optimizer: { kind: "adam", learningRate: 0.005, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
  serverMomentum: 0,
  rounds: 10,
};

/**
 * For the UCI heart-disease tables, of 123 to 303 rows: logistic regression by full-batch gradients, so that sites as different as these
 * do not drift apart within a round, and server momentum for the speed that costs.
 */
export const heartDiseaseRecipe: DemoRecipe = {
  hiddenUnits: 0,
  batchSize: 512,
  optimizer: { kind: "sgd", learningRate: 0.5, momentum: 0 },
  serverMomentum: 0.7,
  rounds: 30,
};
