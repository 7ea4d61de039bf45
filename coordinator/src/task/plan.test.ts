import type { TaskSpec } from "@sotto/protocol";
import { sessionParameters } from "@sotto/secagg";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { tinySpec } from "../testing/tiny-task.ts";
import { assertDrawable, assertFeasible } from "./plan.ts";

const { cohort, aggregation, contribution } = tinySpec();

interface Rule {
  readonly min: number;
  readonly max: number;
  readonly gamma: number;
  readonly delta: number;
}

function specOf({ min, max, gamma, delta }: Rule, change: Partial<TaskSpec> = {}): TaskSpec {
  const count = { min, goal: max, max };
  return tinySpec({ cohort: { ...cohort, count }, aggregation: { ...aggregation, gamma, delta }, ...change });
}

describe("a task whose cohorts cannot all run the protocol is refused with the size that cannot", () => {
  test.each([
    [{ min: 3, max: 10_001, gamma: 0, delta: 0.1 }, "cohort of 10001 clients must have at most 10000"],
    [{ min: 4, max: 6, gamma: 0.5, delta: 0.25 }, "cohort of 4 clients less 1 dropouts must keep a quorum of 4 and 2 honest clients"],
    // 5 and 7 could; 6 in between could not.
    [{ min: 5, max: 7, gamma: 0, delta: 0.5 }, "cohort of 6 clients less 3 dropouts must keep a quorum of 4"],
    [{ min: 3, max: 5, gamma: 0, delta: 0.34 }, "cohort of 3 clients less 1 dropouts, 0 corrupt, must leave a threshold of at least 2"],
    [{ min: 3, max: 300, gamma: 0.2, delta: 0.4 }, "less 120 dropouts must keep a quorum"],
    [{ min: 1_001, max: 1_009, gamma: 0.2, delta: 0.4 }, "gamma 0.2 and delta 0.4 leave no quorum in every cohort of up to 1009"],
  ] as const)("%j: %s", (rule, message) => {
    expect(() => assertFeasible(specOf(rule))).toThrow(message);
  });

  test("as is one whose lanes would not fit its largest cohort", () => {
    const rule = { min: 3, max: 10_000, gamma: 0.1, delta: 0.1 };
    expect(() => assertFeasible(specOf(rule, { contribution: { ...contribution, quantisationBits: 20 } }))).toThrow(
      "10000 clients at 20 quantisation bits need lanes of 34 bits",
    );
    assertFeasible(specOf(rule));
  });
});

test("every cohort of a task that is accepted can run the protocol, above 128 clients too, where only the ends were tried", () => {
  const rules = fc
    .record({ min: fc.integer({ min: 3, max: 400 }), more: fc.nat(300), gamma: fc.nat(60), delta: fc.nat(60) })
    .map(({ min, more, gamma, delta }): Rule => ({ min, max: min + more, gamma: gamma / 100, delta: delta / 100 }));
  let accepted = 0;
  fc.assert(
    fc.property(rules, fc.double({ min: 0, max: 1, noNaN: true }), (rule, where) => {
      try {
        assertFeasible(specOf(rule));
      } catch {
        return;
      }
      accepted++;
      const { gamma, delta } = rule;
      const cohortSize = rule.min + Math.floor(where * (rule.max - rule.min));
      expect(sessionParameters({ cohortSize, tolerance: { gamma, delta } }).survivorsMin).toBeLessThanOrEqual(cohortSize);
    }),
    { numRuns: 60 },
  );
  // About a half is: gamma + 2 delta is below 1 for 44 % of these fractions.
  expect(accepted).toBeGreaterThan(10);
});

describe("a sample", () => {
  const drawn = (samplingRate: number | null): TaskSpec =>
    tinySpec({ cohort: { ...cohort, count: { min: 5, goal: 8, max: 10 } }, aggregation: { ...aggregation, samplingRate } });

  test("whose mean is no size of a round is refused with that mean", () => {
    expect(() => assertDrawable(drawn(0.1), 40)).toThrow("sampling rate 0.1 draws 4 of 40 clients in the mean, which must be from 5 to 10");
    expect(() => assertDrawable(drawn(0.5), 40)).toThrow("sampling rate 0.5 draws 20 of 40 clients");
  });

  test("of a size that rounds can have is accepted, as is none", () => {
    assertDrawable(drawn(0.2), 40);
    assertDrawable(drawn(null), 4);
  });
});
