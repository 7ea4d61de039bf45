import { FlError, type Outcome, ok, type Refusal, refused } from "@sotto/base";
import type { Plan } from "@sotto/protocol";
import { type SessionParameters, sessionParameters } from "@sotto/secagg";
import { laneBits } from "@sotto/vector";
import type { Policy } from "./policy.ts";

/** A cohort as a session has it, and what is promised of it. */
export interface CohortCheck {
  readonly cohortSize: number;
  readonly plan: Plan;
  readonly policy: Policy;
}

/**
 * The parameters of a session of `cohortSize` clients, when it is large enough for the policy: at least `minCohort` and the plan's own
 * floor, and at least `minHonestInSum` honest clients in the sum after the dropouts and corruptions that the plan allows. Its sum must
 * also fit a lane.
 */
export function checkCohort({ cohortSize, plan, policy }: CohortCheck): Outcome<SessionParameters, Refusal<"policy">> {
  const { aggregation } = plan;
  if (cohortSize < policy.minCohort) return refused("policy", `a cohort of ${cohortSize} must be at least minCohort ${policy.minCohort}`);
  if (cohortSize < aggregation.cohortSizeMin) {
    return refused("policy", `a cohort of ${cohortSize} must be at least the plan's cohortSizeMin ${aggregation.cohortSizeMin}`);
  }
  const parameters = feasible({ cohortSize, plan, policy });
  if (parameters.kind === "refused") return parameters;
  const { survivorsMin, corruptMax } = parameters.value;
  const honest = survivorsMin - corruptMax;
  if (honest >= policy.minHonestInSum) return parameters;
  return refused(
    "policy",
    `${survivorsMin} survivors of ${cohortSize} less ${corruptMax} corrupt leave ${honest} honest and minHonestInSum is ${policy.minHonestInSum}`,
  );
}

function feasible({ cohortSize, plan }: CohortCheck): Outcome<SessionParameters, Refusal<"policy">> {
  const { gamma, delta } = plan.aggregation;
  try {
    laneBits({ cohortSize, quantisationBits: plan.contribution.quantisationBits });
    return ok(sessionParameters({ cohortSize, tolerance: { gamma, delta } }));
  } catch (thrown) {
    if (!(thrown instanceof FlError)) throw thrown;
    return refused("policy", thrown.message);
  }
}
