import fc from "fast-check";
import { expect, test } from "vitest";
import { divide, multiply } from "./gf65536.ts";

const element = fc.nat({ max: 65_535 });
const nonZero = fc.integer({ min: 1, max: 65_535 });

test("products equal those of an independent shift-and-add model in Python", () => {
  expect(multiply(0x8000, 2)).toBe(0x100b);
  expect(multiply(0xffff, 0xffff)).toBe(0x733);
  expect(multiply(0x1234, 0xabcd)).toBe(0x4792);
  expect(multiply(3, 7)).toBe(9);
  expect(divide(1, 0x1234)).toBe(0x2ce9);
});

test("multiplication is that of a field, with addition as exclusive or", () => {
  fc.assert(
    fc.property(element, element, element, nonZero, (a, b, c, d) => {
      expect(multiply(a, b)).toBe(multiply(b, a));
      expect(multiply(a, multiply(b, c))).toBe(multiply(multiply(a, b), c));
      expect(multiply(a, b ^ c)).toBe(multiply(a, b) ^ multiply(a, c));
      expect(multiply(a, 1)).toBe(a);
      expect(multiply(divide(a, d), d)).toBe(a);
    }),
  );
});

test("every element but zero has an inverse", () => {
  for (let a = 1; a < 65_536; a++) {
    if (multiply(a, divide(1, a)) !== 1) throw new Error(`element ${a} has no inverse`);
  }
});
