import { expect, test } from "vitest";
import { toModelVector, toUpdate } from "./stages.ts";

test("finite values become an update or a model without a copy", () => {
  const values = Float32Array.of(0, -1.5, 3.4e38);
  expect(toUpdate(values)).toBe(values);
  expect(toModelVector(values)).toBe(values);
});

test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])("an update or model holding %s is refused", (value) => {
  expect(() => toUpdate(Float32Array.of(0, value))).toThrow("update value 1 is not finite");
  expect(() => toModelVector(Float32Array.of(value))).toThrow("model value 0 is not finite");
  expect(() => toUpdate(Float32Array.of(value, 1))).toThrow("update value 0 is not finite");
});

test("an empty update or model is refused", () => {
  expect(() => toUpdate(new Float32Array(0))).toThrow("update of 0 values must have at least 1");
  expect(() => toModelVector(new Float32Array(0))).toThrow("model of 0 values must have at least 1");
});
