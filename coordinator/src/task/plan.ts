import { FlError, type TaskId } from "@sotto/base";
import { contributionShapeOf, encodePlan, type Plan, planDigest, type TaskSpec } from "@sotto/protocol";
import { sessionParameters } from "@sotto/secagg";
import { laneBits } from "@sotto/vector";
import type { TaskPlan, TaskSetup } from "./state.ts";

/** The two plans of a task: the one its rounds train by, and the one the last round measures by. */
export function plansOf(spec: TaskSpec, task: TaskId): TaskSetup["plans"] {
  return { train: planFor(spec, { task, purpose: "train" }), evaluate: planFor(spec, { task, purpose: "evaluate" }) };
}

/** Fewest clients a round of the task begins with. */
export function clientsMinOf(spec: TaskSpec): number {
  return Math.max(spec.cohort.count.min, spec.aggregation.cohortSizeMin);
}

/**
 * Checks that every cohort the task allows can run the aggregation protocol, so that no round fails for a reason known now.
 *
 * Up to 128 clients every size is tried. Above, the ends are enough: with gamma + 2 delta < 1, C + 2 D is below n for every n, so that a quorum remains
 * after the dropouts; a graph then exists (with h = n - 1 all conditions of SECAGG 2.5 hold); and n - C and n - D never fall as n grows.
 * @throws FlError `invalid-argument` or `failed-precondition` naming the size that cannot
 */
export function assertFeasible(spec: TaskSpec): void {
  const { gamma, delta } = spec.aggregation;
  const clientsMin = clientsMinOf(spec);
  const { max } = spec.cohort.count;
  const check = (cohortSize: number): void => {
    sessionParameters({ cohortSize, tolerance: { gamma, delta } });
  };
  check(max);
  for (let cohortSize = clientsMin; cohortSize <= Math.min(max, completeGraphMax); cohortSize++) check(cohortSize);
  if (max > completeGraphMax) {
    if (gamma + 2 * delta >= 1 - roundingMax) {
      throw new FlError(
        "failed-precondition",
        `gamma ${gamma} and delta ${delta} leave no quorum in every cohort of up to ${max}: gamma + 2 delta must be below 1`,
      );
    }
    check(Math.max(clientsMin, completeGraphMax + 1));
  }
  laneBits({ cohortSize: max, quantisationBits: spec.contribution.quantisationBits });
}

/**
 * Checks that the sample a plan draws from the roster is of a size that the task's rounds can have, at least in the mean: else most rounds would be given up.
 * @throws FlError `failed-precondition` naming the mean and the bound it breaks
 */
export function assertDrawable(spec: TaskSpec, rosterSize: number): void {
  const { samplingRate } = spec.aggregation;
  if (samplingRate === null) return;
  const mean = samplingRate * rosterSize;
  const clientsMin = clientsMinOf(spec);
  const { max } = spec.cohort.count;
  if (mean >= clientsMin && mean <= max) return;
  throw new FlError(
    "failed-precondition",
    `sampling rate ${samplingRate} draws ${mean} of ${rosterSize} clients in the mean, which must be from ${clientsMin} to ${max}`,
  );
}

/** Up to here a cohort's parameters are plain counts; above, finding its graph takes milliseconds (SECAGG 2.5). */
const completeGraphMax = 128;

/** Of a sum of decimal fractions. */
const roundingMax = 1e-9;

function planFor(spec: TaskSpec, of: Pick<Plan, "task" | "purpose">): TaskPlan {
  const { model, data, training, evaluation, contribution, aggregation, privacy } = spec;
  const plan: Plan = { version: 1, ...of, model, data, training, evaluation, contribution, aggregation, privacy };
  const bytes = encodePlan(plan);
  return { plan, bytes, digest: planDigest(bytes), shape: contributionShapeOf(plan) };
}
