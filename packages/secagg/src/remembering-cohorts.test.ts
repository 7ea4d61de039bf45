import { expect, test } from "vitest";
import { rememberingCohorts } from "./remembering-cohorts.ts";
import { advertsOf } from "./server/keying.ts";
import { codeOf, createFixture, keyingStage, sharingStage, value } from "./session-fixture.ts";

const fixture = createFixture({ clientCount: 5, tolerance: { gamma: 0, delta: 0.4 } });
const keying = keyingStage(fixture);
const adverts = advertsOf(value(sharingStage(keying, [0, 1, 2, 3, 4])).server);
const { contextDigest } = keying.server;

test("the same list is checked once, and gives the same cohort", () => {
  const check = rememberingCohorts();
  expect(value(check(contextDigest, adverts, fixture.rule))).toBe(value(check(contextDigest, adverts, { ...fixture.rule })));
});

test("another list, session or rule is checked anew", () => {
  const check = rememberingCohorts();
  const first = value(check(contextDigest, adverts, fixture.rule));
  expect(value(check(contextDigest, [...adverts], fixture.rule))).not.toBe(first);
  expect(codeOf(check(contextDigest.with(0, contextDigest[0]! ^ 1), adverts, fixture.rule))).toBe("bad-signature");
  expect(codeOf(check(contextDigest, adverts, { ...fixture.rule, cohortSizeMin: 6 }))).toBe("cohort-too-small");
  expect(codeOf(check(contextDigest, adverts, { ...fixture.rule, enrolled: { verificationKey: () => null } }))).toBe("not-enrolled");
  expect(codeOf(check(contextDigest, adverts, { ...fixture.rule, tolerance: { gamma: 0.9, delta: 0 } }))).toBe("infeasible-cohort");
});
