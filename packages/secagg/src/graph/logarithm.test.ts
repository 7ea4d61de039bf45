import fc from "fast-check";
import { expect, test } from "vitest";
import { exp2, log2, log2OfStep, log2OfSum } from "./logarithm.ts";

test("logarithms and powers of 2 are exact", () => {
  for (let exponent = -1022; exponent <= 1023; exponent++) expect(log2(2 ** exponent)).toBe(exponent);
  for (let exponent = -1000; exponent <= 0; exponent++) expect(exp2(exponent)).toBe(2 ** exponent);
});

test("log2 3 and log2 10 are as tabulated: OEIS A020857 and A020862", () => {
  expect(Math.abs(log2(3) - 1.584962500721156)).toBeLessThanOrEqual(4e-16);
  expect(Math.abs(log2(10) - 3.321928094887362)).toBeLessThanOrEqual(9e-16);
  expect(Math.abs(log2OfStep(3) - 0.5849625007211562)).toBeLessThanOrEqual(2e-16);
});

test("both stay within the last places of the engine's own", () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-300, max: 1e300, noNaN: true }), fc.double({ min: -1000, max: 0, noNaN: true }), (x, exponent) => {
      expect(Math.abs(log2(x) - Math.log2(x))).toBeLessThanOrEqual(4e-16 * Math.max(1, Math.abs(Math.log2(x))));
      expect(Math.abs(exp2(exponent) / 2 ** exponent - 1)).toBeLessThanOrEqual(1e-15);
    }),
  );
});

test("the step from k - 1 to k keeps its relative precision", () => {
  for (let k = 2; k <= 10_000; k++) expect(Math.abs(log2OfStep(k) / (Math.log1p(1 / (k - 1)) / Math.LN2) - 1)).toBeLessThanOrEqual(1e-15);
});

test("a sum of powers has the logarithm of the sum, however small they are", () => {
  expect(log2OfSum([])).toBe(Number.NEGATIVE_INFINITY);
  expect(log2OfSum([Number.NEGATIVE_INFINITY])).toBe(Number.NEGATIVE_INFINITY);
  expect(log2OfSum([-5000, -5000, Number.NEGATIVE_INFINITY])).toBe(-4999);
  expect(log2OfSum([3, 3, 4])).toBe(5);
  expect(log2OfSum([0, -2000])).toBe(0);
});
