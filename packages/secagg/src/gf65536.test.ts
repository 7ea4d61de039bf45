import fc from "fast-check";
import { expect, test } from "vitest";
import { createField, divide, gf65536, multiply } from "./gf65536.ts";

const element = fc.nat({ max: 65_535 });
const nonZero = fc.integer({ min: 1, max: 65_535 });

test("the field of 256 elements of AES multiplies as FIPS 197, section 4.2, does", () => {
  const gf256 = createField({ bits: 8, reduction: 0x11b, generator: 3 });
  expect(multiply(gf256, 0x57, 0x83)).toBe(0xc1);
  expect(multiply(gf256, 0x57, 0x13)).toBe(0xfe);
  expect(divide(gf256, 0xfe, 0x13)).toBe(0x57);
});

test("products equal those of an independent shift-and-add model in Python", () => {
  expect(multiply(gf65536, 0x8000, 2)).toBe(0x100b);
  expect(multiply(gf65536, 0xffff, 0xffff)).toBe(0x733);
  expect(multiply(gf65536, 0x1234, 0xabcd)).toBe(0x4792);
  expect(multiply(gf65536, 3, 7)).toBe(9);
  expect(divide(gf65536, 1, 0x1234)).toBe(0x2ce9);
});

test("multiplication is that of a field, with addition as exclusive or", () => {
  fc.assert(
    fc.property(element, element, element, nonZero, (a, b, c, d) => {
      expect(multiply(gf65536, a, b)).toBe(multiply(gf65536, b, a));
      expect(multiply(gf65536, a, multiply(gf65536, b, c))).toBe(multiply(gf65536, multiply(gf65536, a, b), c));
      expect(multiply(gf65536, a, b ^ c)).toBe(multiply(gf65536, a, b) ^ multiply(gf65536, a, c));
      expect(multiply(gf65536, a, 1)).toBe(a);
      expect(multiply(gf65536, divide(gf65536, a, d), d)).toBe(a);
    }),
  );
});

test("every element but zero has an inverse", () => {
  for (let a = 1; a < 65_536; a++) {
    if (multiply(gf65536, a, divide(gf65536, 1, a)) !== 1) throw new Error(`element ${a} has no inverse`);
  }
});
