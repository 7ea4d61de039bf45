import { type Digest, FlError, type Outcome, ok, type Refusal, refused } from "@sotto/base";
import { type Plan, parameterCount, parsePlan, planDigest, type TrainInstruction } from "@sotto/protocol";
import { checkCohort } from "./cohort-guard.ts";
import type { Bounds, Policy } from "./policy.ts";

/** A plan this client agrees to compute. */
export interface AcceptedPlan {
  readonly plan: Plan;
  readonly planDigest: Digest;
}

/**
 * Reads the plan of a `train` instruction and holds it against the policy. The refusal `policy` names every bound broken;
 * `malformed` a plan that does not read, or that is not of the position or the model it came with.
 */
export function checkPlan(instruction: TrainInstruction, policy: Policy): Outcome<AcceptedPlan, Refusal<"malformed" | "policy">> {
  const read = readPlan(instruction.plan);
  if (read.kind === "refused") return read;
  const plan = read.value;
  if (plan.task !== instruction.position.task) {
    return refused("malformed", `the plan is of task ${plan.task} and came for ${instruction.position.task}`);
  }
  const parameters = parameterCount(plan.model.layout);
  if (instruction.modelSizeBytes !== 4 * parameters) {
    return refused("malformed", `a model of ${instruction.modelSizeBytes} bytes must be 4 for each of ${parameters} parameters`);
  }
  const digest = planDigest(instruction.plan);
  const cohort = checkCohort({ cohortSize: plan.aggregation.cohortSizeMin, plan, policy });
  const broken = [
    ...allowLists(plan, digest, policy),
    ...protocolBounds(plan, policy),
    ...contributionBounds(plan, policy),
    ...costBounds(plan, policy),
    ...(cohort.kind === "refused" ? [cohort.refusal.message] : []),
    ...(policy.dpRequired ? [`privacy unit ${JSON.stringify(plan.privacy.unit)} adds no noise and dpRequired is set`] : []),
  ];
  return broken.length === 0 ? ok({ plan, planDigest: digest }) : refused("policy", broken.join("; "));
}

function readPlan(bytes: Uint8Array): Outcome<Plan, Refusal<"malformed">> {
  try {
    return ok(parsePlan(bytes));
  } catch (thrown) {
    if (thrown instanceof FlError && thrown.code === "invalid-argument") return refused("malformed", thrown.message);
    throw thrown;
  }
}

function allowLists(plan: Plan, digest: Digest, policy: Policy): readonly string[] {
  return [
    ...listed(`task ${plan.task}`, plan.task, policy.allowedTasks),
    ...listed(`plan ${digest}`, digest, policy.allowedPlanDigests),
    ...listed(`loss ${plan.training.loss}`, plan.training.loss, policy.allowedLosses),
  ];
}

/** A plan is weaker than the policy when it withstands fewer corrupt clients or lets more drop (SECAGG 2.4). */
function protocolBounds({ aggregation }: Plan, policy: Policy): readonly string[] {
  return [
    ...atLeast("gamma", aggregation.gamma, policy.gamma),
    ...atMost("delta", aggregation.delta, policy.maxDropout, "maxDropout"),
    ...(policy.requireSample && aggregation.samplingRate === null ? ["the plan has no samplingRate and requireSample is set"] : []),
  ];
}

function contributionBounds({ contribution }: Plan, policy: Policy): readonly string[] {
  return [
    ...within("clipNorm", contribution.clipNorm, policy.clipNorm),
    ...within("weightMax", contribution.weightMax, policy.weightMax),
    ...within("quantisationBits", contribution.quantisationBits, policy.quantisationBits),
  ];
}

function costBounds({ model, training }: Plan, policy: Policy): readonly string[] {
  const { unit, count } = training.length;
  return [
    ...atMost("parameters", parameterCount(model.layout), policy.maxParameters, "maxParameters"),
    ...(unit === "epochs" ? atMost("epochs", count, policy.maxEpochs, "maxEpochs") : atMost("steps", count, policy.maxSteps, "maxSteps")),
  ];
}

function listed<T>(what: string, value: T, allowed: readonly T[] | null): readonly string[] {
  return allowed === null || allowed.includes(value) ? [] : [`${what} is not among those allowed`];
}

function within(name: string, value: number, bounds: Bounds): readonly string[] {
  return value >= bounds.min && value <= bounds.max ? [] : [`${name} ${value} must be from ${bounds.min} to ${bounds.max}`];
}

function atLeast(name: string, value: number, bound: number): readonly string[] {
  return value >= bound ? [] : [`${name} ${value} must be at least the policy's ${bound}`];
}

function atMost(name: string, value: number, bound: number, boundName: string): readonly string[] {
  return value <= bound ? [] : [`${name} ${value} must be at most ${boundName} ${bound}`];
}
