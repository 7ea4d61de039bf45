import { FlError } from "@sotto/base";
import fc from "fast-check";
import { expect, test } from "vitest";
import { cohortSizeMax, feasibleParameters, isComplete, sessionParameters } from "./parameters.ts";

/** SECAGG 2.6, the complete graph: n, gamma, delta, Q, t. */
const table: readonly (readonly [number, number, number, number, number])[] = [
  [10, 0.05, 0.05, 6, 9],
  [10, 0.1, 0.1, 6, 8],
  [10, 0.2, 0.2, 7, 7],
  [10, 0.2, 0.3, 7, 6],
  [30, 0.05, 0.05, 16, 28],
  [30, 0.1, 0.2, 17, 23],
  [30, 0.2, 0.3, 19, 20],
  [100, 0.05, 0.05, 53, 94],
  [100, 0.1, 0.1, 56, 89],
  [100, 0.2, 0.3, 61, 69],
];

test.each(table)("n = %i, gamma = %f, delta = %f has quorum %i and threshold %i", (cohortSize, gamma, delta, quorum, threshold) => {
  expect(sessionParameters({ cohortSize, tolerance: { gamma, delta } })).toMatchObject({ quorum, threshold });
});

/** SECAGG 2.6, holders drawn: n, gamma, delta, Q, h, t. The whole table is held against its conditions in graph/. */
const drawn: readonly (readonly [number, number, number, number, number, number])[] = [
  [300, 0.05, 0.1, 158, 32, 15],
  [300, 0.2, 0.3, 181, 108, 49],
  [1000, 0.05, 0.1, 526, 43, 21],
  [1000, 0.1, 0.3, 551, 107, 42],
  [10_000, 0.05, 0.05, 5251, 54, 34],
];

test.each(drawn)("n = %i, gamma = %f, delta = %f has quorum %i, %i holders and threshold %i", (...row) => {
  const [cohortSize, gamma, delta, quorum, holderCount, threshold] = row;
  const parameters = sessionParameters({ cohortSize, tolerance: { gamma, delta } });
  expect(parameters).toMatchObject({ quorum, holderCount, threshold });
  expect(isComplete(parameters)).toBe(false);
});

test("everybody deals to everybody up to 128 clients, and from 129 on to some of them", () => {
  const tolerance = { gamma: 0.05, delta: 0.1 };
  const complete = sessionParameters({ cohortSize: 128, tolerance });
  expect(complete.holderCount).toBe(127);
  expect(isComplete(complete)).toBe(true);
  const picked = sessionParameters({ cohortSize: 129, tolerance });
  expect(picked.holderCount).toBeLessThan(128);
  expect(isComplete(picked)).toBe(false);
});

test("four hospitals tolerate one dropout with a threshold of 2 and a quorum of 3", () => {
  expect(sessionParameters({ cohortSize: 4, tolerance: { gamma: 0, delta: 0.25 } })).toEqual({
    cohortSize: 4,
    corruptMax: 0,
    dropoutMax: 1,
    holderCount: 3,
    threshold: 2,
    quorum: 3,
    survivorsMin: 3,
  });
});

test("a fraction counts as the decimal it was written as", () => {
  expect(sessionParameters({ cohortSize: 100, tolerance: { gamma: 0, delta: 0.29 } }).dropoutMax).toBe(29);
});

test("the largest cohort of the table has parameters, and one client more has none", () => {
  const tolerance = { gamma: 0, delta: 0 };
  expect(feasibleParameters({ cohortSize: cohortSizeMax, tolerance }).kind).toBe("ok");
  expect(feasibleParameters({ cohortSize: cohortSizeMax + 1, tolerance }).kind).toBe("refused");
});

test("whatever is feasible leaves one survivor set a quorum, no two, and enough who hold shares", () => {
  const fraction = fc.integer({ min: 0, max: 99 }).map((percent) => percent / 100);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 128 }), fraction, fraction, (cohortSize, gamma, delta) => {
      const outcome = feasibleParameters({ cohortSize, tolerance: { gamma, delta } });
      if (outcome.kind === "refused") return;
      const { corruptMax, dropoutMax, threshold, quorum, survivorsMin } = outcome.value;
      // Two sets with a quorum each would need more signatures than honest clients once and corrupt clients twice can give.
      expect(2 * quorum).toBeGreaterThan(cohortSize + corruptMax);
      expect(cohortSize - dropoutMax).toBeGreaterThanOrEqual(quorum);
      // A survivor's secret is held by the other survivors.
      expect(cohortSize - dropoutMax - 1).toBeGreaterThanOrEqual(threshold);
      // With a threshold of 1 every holder would hold the secret itself.
      expect(threshold).toBeGreaterThanOrEqual(2);
      expect(survivorsMin - corruptMax).toBeGreaterThanOrEqual(2);
      expect(survivorsMin).toBeLessThanOrEqual(cohortSize);
    }),
  );
});

test.each([
  { cohortSize: 3, tolerance: { gamma: 0, delta: 0.4 } },
  { cohortSize: 10_001, tolerance: { gamma: 0, delta: 0 } },
  { cohortSize: 1000, tolerance: { gamma: 0.4, delta: 0.3 } },
  { cohortSize: 10, tolerance: { gamma: 0.2, delta: 0.4 } },
  { cohortSize: 2, tolerance: { gamma: 0, delta: 0.5 } },
  { cohortSize: 1, tolerance: { gamma: 0, delta: 0 } },
])("no parameters exist for %o", (input) => {
  expect(() => sessionParameters(input)).toThrow(FlError);
  expect(feasibleParameters(input)).toMatchObject({ kind: "refused", refusal: { code: "infeasible-cohort" } });
});
