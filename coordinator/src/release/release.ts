import { createServerOptimizer, type OptimizerState, releaseMean } from "@sotto/aggregation";
import { FlError, invariant, type Outcome, ok, type Refusal, refused } from "@sotto/base";
import { type Metrics, metricsOf, type Plan, type TaskSpec } from "@sotto/protocol";
import { type ContributionShape, decodeSum, type ModelVector, type UnmaskedSum } from "@sotto/vector";

/** What one round's sum is released with. Nothing of it is changed. */
export interface ReleaseInput {
  readonly sum: UnmaskedSum;
  readonly plan: Plan;
  readonly shape: ContributionShape;
  /** Lane width of the session. */
  readonly bits: number;
  readonly survivors: number;
  /** Fewest survivors whose sum may be released. */
  readonly survivorsMin: number;
  readonly serverOptimizer: TaskSpec["serverOptimizer"];
  readonly optimizerState: OptimizerState;
  /** The model the round began with. */
  readonly model: ModelVector;
}

/** What may leave the coordinator of one round. */
export interface Release {
  /** The next model; the same array as before when the sum held no update. */
  readonly model: ModelVector;
  readonly optimizerState: OptimizerState;
  /** Metrics of the model the round began with; null when the survivors held back no rows. */
  readonly metrics: Metrics | null;
  /** Sum of the survivors' capped weights, in rows. */
  readonly weight: number;
}

/** Why a sum is not released. */
export type ReleaseRefusal = Refusal<"empty-sum" | "too-few-survivors" | "implausible-sum" | "model-not-finite">;

/**
 * Turns an opened sum into the next model: decode, weighted mean, server optimizer. The only place where a mean is released.
 * Refuses a sum over too few clients, over no weight, or that no honest clients can have made.
 * @throws FlError `invalid-argument` or `internal` when sum, shape and model do not fit each other: a bug
 */
export function release(input: ReleaseInput): Outcome<Release, ReleaseRefusal> {
  const { survivors, survivorsMin } = input;
  if (survivors < 1) return refused("empty-sum", "a sum over 0 clients has no mean");
  if (survivors < survivorsMin)
    return refused("too-few-survivors", `a sum over ${survivors} clients must be over at least ${survivorsMin}`);
  const decoded = decodeSum({ ...input, rule: input.plan.contribution });
  if (decoded.kind === "refused") return decoded;
  const { updateMean, weight, scalars } = decoded.value;
  if (!(weight > 0)) return refused("empty-sum", `a sum over ${survivors} clients has weight ${weight}`);
  const metrics = metricsOf(input.plan, scalars);
  if (updateMean === null) return ok({ model: input.model, optimizerState: input.optimizerState, metrics, weight });
  const next = advance(input, updateMean);
  return next.kind === "refused" ? next : ok({ ...next.value, metrics, weight });
}

/** A server optimizer whose rate is too high can leave float32: the task's author erred, the coordinator did not. */
function advance(
  input: ReleaseInput,
  updateMean: Float64Array,
): Outcome<Pick<Release, "model" | "optimizerState">, Refusal<"model-not-finite">> {
  invariant(updateMean.length === input.model.length, "a mean has the model's length");
  const optimizer = createServerOptimizer(input.serverOptimizer);
  try {
    const next = optimizer.apply({ state: input.optimizerState, model: input.model, mean: releaseMean(updateMean) });
    return ok({ model: next.model, optimizerState: next.state });
  } catch (error) {
    if (error instanceof FlError && error.code === "invalid-argument") return refused("model-not-finite", error.message);
    throw error;
  }
}
