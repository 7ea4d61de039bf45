import { parseDigest, parseRoundNumber, parseSessionNumber, parseTaskId } from "@sotto/base";
import { encodePlan, type Plan, parameterCount, planDigest, type TrainInstruction } from "@sotto/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import { testPlan } from "../testing/plan.ts";
import { checkPlan } from "./plan-guard.ts";
import { defaultPolicy, type Policy } from "./policy.ts";

const someDigest = parseDigest("ab".repeat(32));
const policy: Policy = { ...defaultPolicy, minCohort: 3 };

function offer(plan: Plan, change: Partial<TrainInstruction> = {}): TrainInstruction {
  return {
    kind: "train",
    position: { task: plan.task, round: parseRoundNumber(1), session: parseSessionNumber(0) },
    plan: encodePlan(plan),
    modelDigest: someDigest,
    modelSizeBytes: 4 * parameterCount(plan.model.layout),
    rosterDigest: someDigest,
    ...change,
  };
}

test("a plan within the policy is accepted with its digest", () => {
  const plan = testPlan();
  const checked = checkPlan(offer(plan), policy);
  expect(checked).toEqual({ kind: "ok", value: { plan, planDigest: planDigest(encodePlan(plan)) } });
});

test.each<[string, Partial<Plan>, Partial<Policy>, string]>([
  ["cohort", {}, { minCohort: 5 }, "a cohort of 3 must be at least minCohort 5"],
  [
    "gamma",
    { aggregation: { cohortSizeMin: 5, gamma: 0.1, delta: 0.3, samplingRate: null } },
    {},
    "gamma 0.1 must be at least the policy's 0.2",
  ],
  [
    "delta",
    { aggregation: { cohortSizeMin: 5, gamma: 0.2, delta: 0.35, samplingRate: null } },
    {},
    "delta 0.35 must be at most maxDropout 0.3",
  ],
  ["sample", {}, { requireSample: true }, "the plan has no samplingRate and requireSample is set"],
  ["honest", {}, { minHonestInSum: 4 }, "3 survivors of 3 less 0 corrupt leave 3 honest and minHonestInSum is 4"],
  [
    "infeasible",
    { aggregation: { cohortSizeMin: 10, gamma: 0.6, delta: 0.3, samplingRate: null } },
    {},
    "cohort of 10 clients less 3 dropouts",
  ],
  ["clip", {}, { clipNorm: { min: 2, max: 3 } }, "clipNorm 1 must be from 2 to 3"],
  ["weight", {}, { weightMax: { min: 1, max: 500 } }, "weightMax 1000 must be from 1 to 500"],
  ["bits", {}, { quantisationBits: { min: 8, max: 12 } }, "quantisationBits 16 must be from 8 to 12"],
  ["parameters", {}, { maxParameters: 3 }, "parameters 4 must be at most maxParameters 3"],
  [
    "epochs",
    { training: { ...testPlan().training, length: { unit: "epochs", count: 101 } } },
    {},
    "epochs 101 must be at most maxEpochs 100",
  ],
  [
    "steps",
    { training: { ...testPlan().training, length: { unit: "steps", count: 11 } } },
    { maxSteps: 10 },
    "steps 11 must be at most maxSteps 10",
  ],
  ["task", {}, { allowedTasks: [parseTaskId("lung")] }, "task heart is not among those allowed"],
  ["digest", {}, { allowedPlanDigests: [someDigest] }, "is not among those allowed"],
  ["loss", {}, { allowedLosses: ["meanSquaredError"] }, "loss binaryCrossentropy is not among those allowed"],
  ["noise", {}, { dpRequired: true }, "adds no noise and dpRequired is set"],
])("a plan is refused with the bound it breaks: %s", (_, planChange, policyChange, message) => {
  const checked = checkPlan(offer(testPlan(planChange)), { ...policy, ...policyChange });
  expect(checked).toMatchObject({ kind: "refused", refusal: { code: "policy", message: expect.stringContaining(message) } });
});

test("a plan for another task or a model of another size than the offer's is malformed", () => {
  const plan = testPlan();
  const position = { task: parseTaskId("lung"), round: parseRoundNumber(1), session: parseSessionNumber(0) };
  expect(checkPlan(offer(plan, { position }), policy)).toMatchObject({ refusal: { code: "malformed" } });
  expect(checkPlan(offer(plan, { modelSizeBytes: 15 }), policy)).toMatchObject({ refusal: { code: "malformed" } });
});

test("bytes that are no plan are refused, never thrown on", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.jsonValue(), (bytes, value) => {
      const texts = [bytes, new TextEncoder().encode(JSON.stringify(value))];
      for (const plan of texts) expect(checkPlan(offer(testPlan(), { plan }), policy)).toMatchObject({ refusal: { code: "malformed" } });
    }),
  );
});
