import { type ModelVector, toModelVector } from "@sotto/vector";
import { assertStepFits, type OptimizerStep, type ServerOptimizer } from "./server-optimizer.ts";
import type { ServerOptimizerSpec } from "./spec.ts";

type SgdSpec = Extract<ServerOptimizerSpec, { readonly kind: "sgd" }>;

/**
 * v = momentum * v + mean; x = x + learningRate * v, v 0 before the first round.
 * Rate 1 and momentum 0: weighted federated averaging, McMahan et al. 2017, Algorithm 1. With momentum: FedAvgM, Hsu et al. 2019, section 4.3.
 */
export function sgdOptimizer(spec: SgdSpec): ServerOptimizer {
  return spec.momentum === 0 ? plainSgd(spec.learningRate) : momentumSgd(spec);
}

/** Remembers nothing: a large model should not carry an array that is the mean again. */
function plainSgd(learningRate: number): ServerOptimizer {
  return {
    init: () => ({ moments: [] }),
    apply: (step) => {
      assertStepFits(step, 0);
      return { state: step.state, model: moved(step.model, step.mean, learningRate) };
    },
  };
}

function momentumSgd({ learningRate, momentum }: SgdSpec): ServerOptimizer {
  return {
    init: (parameterCount) => ({ moments: [new Float64Array(parameterCount)] }),
    apply: (step) => {
      assertStepFits(step, 1);
      const velocity = nextVelocity(step, momentum);
      return { state: { moments: [velocity] }, model: moved(step.model, velocity, learningRate) };
    },
  };
}

function nextVelocity({ state, mean }: OptimizerStep, momentum: number): Float64Array {
  const velocity = Float64Array.from(state.moments[0]!);
  for (let i = 0; i < velocity.length; i++) velocity[i] = momentum * velocity[i]! + mean[i]!;
  return velocity;
}

function moved(model: ModelVector, direction: Float64Array, learningRate: number): ModelVector {
  const next = new Float32Array(model.length);
  for (let i = 0; i < next.length; i++) next[i] = model[i]! + learningRate * direction[i]!;
  return toModelVector(next);
}
