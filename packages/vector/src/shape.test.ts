import { expect, test } from "vitest";
import { contributionShape } from "./shape.ts";

test("weight and scalars take two lanes each behind the parameters", () => {
  expect(contributionShape({ parameterCount: 100, scalarCount: 4 })).toEqual({ parameterCount: 100, scalarCount: 4, laneCount: 110 });
});

test("a contribution of nothing but its weight has two lanes", () => {
  expect(contributionShape({ parameterCount: 0, scalarCount: 0 }).laneCount).toBe(2);
});

test.each([
  { parameterCount: -1, scalarCount: 0 },
  { parameterCount: 1.5, scalarCount: 0 },
  { parameterCount: 1, scalarCount: Number.NaN },
  { parameterCount: 2 ** 31, scalarCount: 0 },
])("$parameterCount parameters and $scalarCount scalars are refused", (count) => {
  expect(() => contributionShape(count)).toThrow(`a contribution of ${count.parameterCount} parameters and ${count.scalarCount} scalars`);
});
