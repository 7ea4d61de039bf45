import { FlError } from "@sotto/base";
import type { ModelVector, ReleasedMean } from "@sotto/vector";

/** What an optimizer remembers between rounds: float64 arrays of the model's length, none for plain averaging, one with momentum, two for the adaptive ones. */
export interface OptimizerState {
  readonly moments: readonly Float64Array[];
}

/** What one step starts from: what is remembered, the model the round began with, and the mean of its updates. None of it is changed. */
export interface OptimizerStep {
  readonly state: OptimizerState;
  readonly model: ModelVector;
  readonly mean: ReleasedMean;
}

/** A server optimizer: two pure functions. */
export interface ServerOptimizer {
  /** The state before the first round of a model of `parameterCount` parameters. */
  readonly init: (parameterCount: number) => OptimizerState;
  /**
   * The next state and the next model, in new arrays. Computed in float64; the model is rounded to the nearest float32 once, at the end.
   * @throws FlError `invalid-argument` when the lengths differ, or when the next model does not fit float32
   */
  readonly apply: (step: OptimizerStep) => { readonly state: OptimizerState; readonly model: ModelVector };
}

/** Checks that a step's model, mean and `momentCount` moments are of one length. @throws FlError `invalid-argument` */
export function assertStepFits({ state, model, mean }: OptimizerStep, momentCount: number): void {
  if (state.moments.length !== momentCount) {
    throw new FlError("invalid-argument", `an optimizer state of ${state.moments.length} moments must have ${momentCount}`);
  }
  const lengths = [mean.length, ...state.moments.map((moment) => moment.length)];
  const wrong = lengths.find((length) => length !== model.length);
  if (wrong === undefined) return;
  throw new FlError("invalid-argument", `a mean or moment of ${wrong} values must have the model's ${model.length}`);
}
