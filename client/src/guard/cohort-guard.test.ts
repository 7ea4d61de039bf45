import fc from "fast-check";
import { expect, test } from "vitest";
import { testPlan } from "../testing/plan.ts";
import { checkCohort } from "./cohort-guard.ts";
import { defaultPolicy, type Policy } from "./policy.ts";

test("four hospitals: one may drop, three must sign (SECAGG, decision 9)", () => {
  const policy = { ...defaultPolicy, minCohort: 3 };
  const checked = checkCohort({ cohortSize: 4, plan: testPlan(), policy });
  expect(checked).toMatchObject({ value: { dropoutMax: 1, threshold: 2, quorum: 3, survivorsMin: 3 } });
});

interface Weaker {
  readonly cohortSize: number;
  readonly plan: { readonly gamma: number; readonly delta: number };
  readonly policy: Partial<Policy>;
  readonly message: string;
}

/** SECAGG 2.4: m, Q and the survivors by the client's own numbers, each worked out by hand. */
const weaker: Readonly<Record<string, Weaker>> = {
  "fewer corrupt clients": {
    cohortSize: 9,
    plan: { gamma: 0.12, delta: 0.1 },
    policy: { gamma: 0.23 },
    message: "a session of 9 is weaker than the policy asks: corrupt clients withstood 1 must be at least 2",
  },
  "a smaller quorum": {
    cohortSize: 10,
    plan: { gamma: 0, delta: 0.1 },
    policy: { gamma: 0.2 },
    message:
      "a session of 10 is weaker than the policy asks: corrupt clients withstood 0 must be at least 2; signatures of a quorum 6 must be at least 7",
  },
  "fewer survivors": {
    cohortSize: 10,
    plan: { gamma: 0.2, delta: 0.3 },
    policy: { maxDropout: 0.1 },
    message: "a session of 10 is weaker than the policy asks: survivors 7 must be at least 9",
  },
  "a gamma that no session of that size withstands": {
    cohortSize: 10,
    plan: { gamma: 0.2, delta: 0.3 },
    policy: { gamma: 0.45 },
    message: "by the policy's own gamma 0.45: cohort of 10 clients less 3 dropouts must keep a quorum of 8",
  },
};

test.each(Object.keys(weaker))("a session that is weaker than the policy's own numbers is refused with both: %s", (name) => {
  const { cohortSize, plan, policy, message } = weaker[name]!;
  const aggregation = { cohortSizeMin: 3, samplingRate: null, ...plan };
  const checked = checkCohort({ cohortSize, plan: testPlan({ aggregation }), policy: { ...defaultPolicy, ...policy } });
  expect(checked).toMatchObject({ refusal: { code: "policy", message: expect.stringContaining(message) } });
});

test("a plan stronger than the policy is accepted, also where the policy's own ceilings together would allow no session", () => {
  const policy = { ...defaultPolicy, gamma: 0.3, maxDropout: 0.4 };
  const plan = testPlan({ aggregation: { cohortSizeMin: 3, gamma: 0.3, delta: 0.1, samplingRate: null } });
  expect(checkCohort({ cohortSize: 10, plan, policy })).toMatchObject({ value: { corruptMax: 3, quorum: 7, survivorsMin: 9 } });
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
        const plan = testPlan({ aggregation: { cohortSizeMin: 3, gamma, delta, samplingRate: null } });
        const checked = checkCohort({ cohortSize, plan, policy: { ...defaultPolicy, minHonestInSum } });
        if (checked.kind === "refused") return;
        expect(checked.value.corruptMax).toBeGreaterThanOrEqual(Math.floor(defaultPolicy.gamma * cohortSize));
        expect(checked.value.survivorsMin).toBeGreaterThanOrEqual((1 - defaultPolicy.maxDropout) * cohortSize - 1e-9);
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
