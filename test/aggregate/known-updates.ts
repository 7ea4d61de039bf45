import { type ClientId, instant, type Logger, parseClientId } from "@sotto/base";
import { type Compute, defaultPolicy, type LocalContribution, type Policy } from "@sotto/client";
import type { Plan, TaskSpec } from "@sotto/protocol";
import { tinyTaskSpec } from "@sotto/protocol/contract";
import { type Fault, type SimulatedClient, type SimulatedFederation, simulateFederation } from "@sotto/simulations";
import { createLogger } from "@sotto/telemetry";
import { aggregateErrorBound, type ModelVector, toModelVector, toUpdate } from "@sotto/vector";

/** Parameters of the tiny model. */
const parameterCount = 5;

/** A task over a tiny table that nobody reads: its clients compute updates that the test knows. */
export const knownTask: TaskSpec = {
  ...tinyTaskSpec,
  name: "known updates",
  rounds: 1,
  model: {
    topology: { class_name: "Sequential", config: { name: "tiny", layers: [] } },
    layout: [
      { name: "dense/kernel", shape: [4, 1] },
      { name: "dense/bias", shape: [1] },
    ],
  },
  evaluation: { lossMax: 16, aucBins: 4 },
  contribution: { clipNorm: 8, weightMax: 100, quantisationBits: 24 },
  aggregation: { cohortSizeMin: 3, gamma: 0, delta: 0.33, samplingRate: null },
  cohort: { count: { min: 3, goal: 5, max: 5 }, selecting: { minMs: 0, maxMs: 60_000 }, protocol: { minMs: 0, maxMs: 10_000 } },
  whenAbandoned: "stop",
  abandonedMax: 1,
};

/** A policy that lets the known task through. */
export const knownPolicy: Policy = { ...defaultPolicy, minCohort: 3, maxDropout: 0.33, gamma: 0 };

/** The model the known task begins with. */
export const knownModel: ModelVector = toModelVector(new Float32Array(parameterCount).map((_, i) => i / 8 - 0.25));

/** Names of `count` clients, ascending. */
export function clientNames(count: number): readonly ClientId[] {
  return Array.from({ length: count }, (_, index) => parseClientId(`hospital-${index + 1}`));
}

/** A federation of the named clients that outlives every test. */
export function knownFederation(clients: readonly ClientId[]): SimulatedFederation {
  return simulateFederation(clients, { seed: 7, expiresAt: instant(Date.UTC(2100, 0, 1)) });
}

/** What client `index` contributes, whatever model it gets: a fixed update, weight and metrics. */
export function knownContribution(index: number, plan: Pick<Plan, "purpose"> = { purpose: "train" }): LocalContribution {
  const values = Float32Array.from({ length: parameterCount }, (_, i) => Math.sin(1 + index * 5 + i) * (1 + index / 4));
  return {
    update: plan.purpose === "train" ? toUpdate(values) : null,
    weight: 10 * (index + 1) + index,
    metrics: { rows: 4 + index, lossSum: 1.5 + index, correct: 2 + index, positives: [0, 1, 0, 1 + index], negatives: [1, 1, 0, 0] },
  };
}

/** A client that contributes what {@link knownContribution} says. */
export function knownClient(client: ClientId, index: number, fault: Fault | null): SimulatedClient {
  const compute: Compute = { contribute: ({ plan }) => Promise.resolve(knownContribution(index, plan)) };
  return { client, compute, fault };
}

/** The model after one committed round over these survivors, in float64, and how far the fixed point may be from it. */
export function expectedModel(survivors: readonly number[]): { readonly model: Float64Array; readonly bound: number } {
  const contributions = survivors.map((index) => knownContribution(index));
  const weight = contributions.reduce((total, one) => total + one.weight, 0);
  const model = Float64Array.from(knownModel, (value, i) => {
    const mean = contributions.reduce((sum, one) => sum + one.weight * one.update![i]!, 0) / weight;
    return value + mean;
  });
  const bound = aggregateErrorBound({ rule: knownTask.contribution, survivors: survivors.length, weight });
  // The model is kept as float32: half a unit in the last place of values below 4 comes on top.
  return { model, bound: bound + 2 ** -22 };
}

/** Logs nothing. */
export const silentLogger: Logger = createLogger({ level: "silent" });
