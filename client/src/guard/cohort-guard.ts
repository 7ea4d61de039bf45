import { FlError, type Outcome, ok, type Refusal, refused } from "@sotto/base";
import type { Plan } from "@sotto/protocol";
import { type SessionParameters, sessionParameters, type Tolerance } from "@sotto/secagg";
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
 * floor, as strong as the policy's own `gamma` and `maxDropout` ask, and with at least `minHonestInSum` honest clients in the sum after
 * the dropouts and corruptions that the plan allows (SECAGG 2.4). Its sum must also fit a lane.
 */
export function checkCohort({ cohortSize, plan, policy }: CohortCheck): Outcome<SessionParameters, Refusal<"policy">> {
  const { aggregation } = plan;
  if (cohortSize < policy.minCohort) return refused("policy", `a cohort of ${cohortSize} must be at least minCohort ${policy.minCohort}`);
  if (cohortSize < aggregation.cohortSizeMin) {
    return refused("policy", `a cohort of ${cohortSize} must be at least the plan's cohortSizeMin ${aggregation.cohortSizeMin}`);
  }
  const parameters = feasible({ cohortSize, plan, tolerance: aggregation });
  if (parameters.kind === "refused") return parameters;
  const asked = feasible({ cohortSize, plan, tolerance: ownTolerance({ plan, policy }) });
  if (asked.kind === "refused") return refused("policy", `by the policy's own gamma ${policy.gamma}: ${asked.refusal.message}`);
  const weaker = weaknesses(parameters.value, asked.value);
  if (weaker.length > 0) return refused("policy", `a session of ${cohortSize} is weaker than the policy asks: ${weaker.join("; ")}`);
  return checkHonest(parameters.value, policy);
}

/** The policy's own gamma, and a delta no larger than its `maxDropout`: a ceiling, so that a plan that lets fewer drop is none the weaker. */
function ownTolerance({ plan, policy }: Omit<CohortCheck, "cohortSize">): Tolerance {
  return { gamma: policy.gamma, delta: Math.min(policy.maxDropout, plan.aggregation.delta) };
}

/** What of a session is below what was asked, with both numbers. */
function weaknesses(parameters: SessionParameters, asked: SessionParameters): readonly string[] {
  const pairs = [
    ["corrupt clients withstood", parameters.corruptMax, asked.corruptMax],
    ["signatures of a quorum", parameters.quorum, asked.quorum],
    ["survivors", parameters.survivorsMin, asked.survivorsMin],
  ] as const;
  return pairs.flatMap(([name, value, least]) => (value >= least ? [] : [`${name} ${value} must be at least ${least}`]));
}

function checkHonest(parameters: SessionParameters, { minHonestInSum }: Policy): Outcome<SessionParameters, Refusal<"policy">> {
  const { cohortSize, survivorsMin, corruptMax } = parameters;
  const honest = survivorsMin - corruptMax;
  if (honest >= minHonestInSum) return ok(parameters);
  return refused(
    "policy",
    `${survivorsMin} survivors of ${cohortSize} less ${corruptMax} corrupt leave ${honest} honest and minHonestInSum is ${minHonestInSum}`,
  );
}

interface Feasibility {
  readonly cohortSize: number;
  readonly plan: Plan;
  readonly tolerance: Tolerance;
}

function feasible({ cohortSize, plan, tolerance: { gamma, delta } }: Feasibility): Outcome<SessionParameters, Refusal<"policy">> {
  try {
    laneBits({ cohortSize, quantisationBits: plan.contribution.quantisationBits });
    return ok(sessionParameters({ cohortSize, tolerance: { gamma, delta } }));
  } catch (thrown) {
    if (!(thrown instanceof FlError)) throw thrown;
    return refused("policy", thrown.message);
  }
}
