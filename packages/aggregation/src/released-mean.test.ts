import { expect, test } from "vitest";
import { releaseMean } from "./released-mean.ts";

test("a finite mean is released as it is", () => {
  const mean = Float64Array.of(1, -2);
  expect(releaseMean(mean)).toBe(mean);
});

test("a mean that is empty or not finite is refused", () => {
  expect(() => releaseMean(new Float64Array(0))).toThrow("a mean of 0 values must have at least 1");
  expect(() => releaseMean(Float64Array.of(0, Number.NaN))).toThrow("mean value 1 is not finite");
});
