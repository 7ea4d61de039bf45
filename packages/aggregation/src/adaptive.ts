import { type ModelVector, toModelVector } from "@sotto/vector";
import { assertStepFits, type OptimizerStep, type ServerOptimizer } from "./server-optimizer.ts";
import type { ServerOptimizerSpec } from "./spec.ts";

type AdaptiveSpec = Exclude<ServerOptimizerSpec, { readonly kind: "sgd" }>;

/** v of round t from v of round t-1 and D of round t, in a new array. */
type SecondMoment = (v: Float64Array, d: Float64Array, beta2: number) => Float64Array;

const secondMoments: { readonly [Kind in AdaptiveSpec["kind"]]: SecondMoment } = {
  adagrad: adagradMoment,
  yogi: yogiMoment,
  adam: adamMoment,
};

/**
 * FedAdagrad, FedYogi and FedAdam, Reddi et al. 2021, Algorithm 2: D = beta1 D + (1 - beta1) mean; v by its kind; x = x + eta D / (sqrt(v) + tau).
 *
 * Where the algorithm leaves a choice or libraries differ: D starts at 0 and v at tau^2, the least the paper allows; v takes the averaged D,
 * not the bare mean; there is no bias correction. `beta2` does nothing to Adagrad.
 */
export function adaptiveOptimizer(spec: AdaptiveSpec): ServerOptimizer {
  return {
    init: (parameterCount) => ({ moments: [new Float64Array(parameterCount), new Float64Array(parameterCount).fill(spec.tau ** 2)] }),
    apply: (step) => {
      assertStepFits(step, 2);
      const d = nextFirstMoment(step, spec.beta1);
      const v = secondMoments[spec.kind](step.state.moments[1]!, d, spec.beta2);
      return { state: { moments: [d, v] }, model: moved(step.model, { d, v, spec }) };
    },
  };
}

function nextFirstMoment({ state, mean }: OptimizerStep, beta1: number): Float64Array {
  const d = Float64Array.from(state.moments[0]!);
  for (let i = 0; i < d.length; i++) d[i] = beta1 * d[i]! + (1 - beta1) * mean[i]!;
  return d;
}

function adagradMoment(v: Float64Array, d: Float64Array): Float64Array {
  const next = new Float64Array(v.length);
  for (let i = 0; i < next.length; i++) next[i] = v[i]! + d[i]! ** 2;
  return next;
}

function yogiMoment(v: Float64Array, d: Float64Array, beta2: number): Float64Array {
  const next = new Float64Array(v.length);
  for (let i = 0; i < next.length; i++) {
    const square = d[i]! ** 2;
    next[i] = v[i]! - (1 - beta2) * square * Math.sign(v[i]! - square);
  }
  return next;
}

function adamMoment(v: Float64Array, d: Float64Array, beta2: number): Float64Array {
  const next = new Float64Array(v.length);
  for (let i = 0; i < next.length; i++) next[i] = beta2 * v[i]! + (1 - beta2) * d[i]! ** 2;
  return next;
}

function moved(model: ModelVector, by: { readonly d: Float64Array; readonly v: Float64Array; readonly spec: AdaptiveSpec }): ModelVector {
  const { d, v, spec } = by;
  const next = new Float32Array(model.length);
  for (let i = 0; i < next.length; i++) next[i] = model[i]! + (spec.learningRate * d[i]!) / (Math.sqrt(v[i]!) + spec.tau);
  return toModelVector(next);
}
