import type { TaskId } from "@sotto/base";
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
 * @throws FlError `invalid-argument` or `failed-precondition` naming the size that cannot
 */
export function assertFeasible(spec: TaskSpec): void {
  const tolerance = { gamma: spec.aggregation.gamma, delta: spec.aggregation.delta };
  const { max } = spec.cohort.count;
  sessionParameters({ cohortSize: max, tolerance });
  for (let cohortSize = clientsMinOf(spec); cohortSize < max; cohortSize++) sessionParameters({ cohortSize, tolerance });
  laneBits({ cohortSize: max, quantisationBits: spec.contribution.quantisationBits });
}

function planFor(spec: TaskSpec, of: Pick<Plan, "task" | "purpose">): TaskPlan {
  const { model, data, training, evaluation, contribution, aggregation, privacy } = spec;
  const plan: Plan = { version: 1, ...of, model, data, training, evaluation, contribution, aggregation, privacy };
  const bytes = encodePlan(plan);
  return { plan, bytes, digest: planDigest(bytes), shape: contributionShapeOf(plan) };
}
