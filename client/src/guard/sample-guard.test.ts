import { type ClientId, parseDigest, parseRoundNumber } from "@sotto/base";
import { sampledOf } from "@sotto/secagg";
import fc from "fast-check";
import { expect, test } from "vitest";
import { testFederation } from "../testing/federation.ts";
import { testPlan } from "../testing/plan.ts";
import { checkSampled, checkSampledCohort, type SampledRound } from "./sample-guard.ts";

const { roster, clients } = testFederation(40);
const modelDigest = parseDigest("ab".repeat(32));
const round = parseRoundNumber(7);

function sampledRound(samplingRate: number | null, delta = 0.3): SampledRound {
  const aggregation = { cohortSizeMin: 3, gamma: 0.2, delta, samplingRate };
  return { plan: testPlan({ aggregation }), round, modelDigest };
}

/** The clients that the sample of the round names. */
function sampledAt(samplingRate: number): readonly ClientId[] {
  return sampledOf({ modelDigest, round, samplingRate }, clients);
}

test("without a sampling rate every client and every cohort is accepted", () => {
  expect(checkSampled(sampledRound(null), clients[0]!)).toMatchObject({ kind: "ok" });
  expect(checkSampledCohort({ ...sampledRound(null), members: clients.slice(0, 1), roster })).toMatchObject({ kind: "ok" });
});

test("exactly the clients that the sample names take part", () => {
  fc.assert(
    fc.property(fc.double({ min: 0.05, max: 1, noNaN: true }), (samplingRate) => {
      const taking = clients.filter((client) => checkSampled(sampledRound(samplingRate), client).kind === "ok");
      expect(taking).toEqual(sampledAt(samplingRate));
    }),
    { numRuns: 30 },
  );
});

test("a client that the sample does not name refuses by name", () => {
  const stranger = clients.find((client) => !sampledAt(0.5).includes(client))!;
  expect(checkSampled(sampledRound(0.5), stranger)).toEqual({
    kind: "refused",
    refusal: { code: "not-sampled", message: "the sample of round 7 at samplingRate 0.5 does not name this client" },
  });
});

test("a cohort with one client that the sample does not name is refused with its name", () => {
  const sampled = sampledAt(0.5);
  const stranger = clients.find((client) => !sampled.includes(client))!;
  expect(checkSampledCohort({ ...sampledRound(0.5), members: [...sampled, stranger], roster })).toEqual({
    kind: "refused",
    refusal: { code: "member-not-sampled", message: `the sample of round 7 at samplingRate 0.5 does not name ${stranger} of the cohort` },
  });
});

test("of ten sampled clients three may be missing at a delta of 0.3, and not four", () => {
  const samplingRate = Array.from({ length: 100 }, (_, i) => (i + 1) / 100).find((rate) => sampledAt(rate).length === 10)!;
  const sampled = sampledAt(samplingRate);
  const cohortOf = (missing: number) => checkSampledCohort({ ...sampledRound(samplingRate), members: sampled.slice(missing), roster });
  expect(cohortOf(0)).toMatchObject({ kind: "ok" });
  expect(cohortOf(3)).toMatchObject({ kind: "ok" });
  expect(cohortOf(4)).toMatchObject({
    refusal: { code: "too-few-sampled", message: "a cohort of 6 must be at least 7 of the 10 sampled, by the plan's delta 0.3" },
  });
});

test("a cohort is large enough exactly when it is (1 - delta) of the sample", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 0, max: 45 }), fc.nat(40), (ratePercent, deltaPercent, missing) => {
      const sampled = sampledAt(ratePercent / 100);
      const members = sampled.slice(missing);
      const checked = checkSampledCohort({ ...sampledRound(ratePercent / 100, deltaPercent / 100), members, roster });
      expect(checked.kind === "ok").toBe(100 * members.length >= (100 - deltaPercent) * sampled.length);
    }),
  );
});
