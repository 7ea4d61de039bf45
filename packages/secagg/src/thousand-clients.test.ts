import { expect, test } from "vitest";
import { createFixture, plainSum } from "./session-fixture.ts";
import { everybodyShares, playedPlan, spreadDrops } from "./testing/drop-plans.ts";

test("1000 clients of which every tenth drops, the stages in turn, give the exact sum", { timeout: 300_000 }, () => {
  const fixture = createFixture({ clientCount: 1000, tolerance: { gamma: 0.05, delta: 0.1 } });
  const plan = spreadDrops(1000, 10);
  const sharing = everybodyShares(fixture);
  expect(sharing.server.cohort.parameters).toMatchObject({ holderCount: 43, threshold: 21, quorum: 526 });
  const { sum, bits } = playedPlan(sharing, plan);
  expect([plan.dealers.length, plan.survivors.length, plan.signers.length, plan.responders.length]).toEqual([975, 950, 925, 900]);
  expect(sum).toEqual(plainSum(fixture, plan.survivors, bits));
});
