import fc from "fast-check";
import { expect, test } from "vitest";
import { testPlan } from "../testing/plan.ts";
import { checkCohort } from "./cohort-guard.ts";
import { defaultPolicy } from "./policy.ts";

test("four hospitals: one may drop, three must sign (SECAGG, decision 9)", () => {
  const policy = { ...defaultPolicy, minCohort: 3 };
  const checked = checkCohort({ cohortSize: 4, plan: testPlan(), policy });
  expect(checked).toMatchObject({ value: { dropoutMax: 1, threshold: 2, quorum: 3, survivorsMin: 3 } });
});

test("an accepted cohort always leaves the honest clients the policy asks for", () => {
  const fraction = fc.integer({ min: 0, max: 45 }).map((percent) => percent / 100);
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 200 }),
      fraction,
      fraction,
      fc.integer({ min: 2, max: 20 }),
      (cohortSize, gamma, delta, minHonestInSum) => {
        const plan = testPlan({ aggregation: { cohortSizeMin: 3, gamma, delta } });
        const checked = checkCohort({ cohortSize, plan, policy: { ...defaultPolicy, minHonestInSum } });
        if (checked.kind === "refused") return;
        const honest = cohortSize - Math.floor(gamma * cohortSize + 1e-9) - Math.floor(delta * cohortSize + 1e-9);
        expect(cohortSize).toBeGreaterThanOrEqual(defaultPolicy.minCohort);
        expect(Math.max(honest, checked.value.survivorsMin - checked.value.corruptMax)).toBeGreaterThanOrEqual(minHonestInSum);
      },
    ),
  );
});

test("a cohort whose sum would not fit a lane is refused", () => {
  const plan = testPlan({ contribution: { clipNorm: 1, weightMax: 10, quantisationBits: 30 } });
  expect(checkCohort({ cohortSize: 5, plan, policy: defaultPolicy })).toMatchObject({ refusal: { code: "policy" } });
});
