import fc from "fast-check";
import { expect, test } from "vitest";
import { chiSquareTail, evenness, independence, likeness } from "./significance.ts";

/** NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.4: degrees of freedom, upper tail, critical value to 3 decimals. */
const table: readonly (readonly [number, number, number])[] = [
  [1, 0.1, 2.706],
  [1, 0.05, 3.841],
  [1, 0.001, 10.828],
  [2, 0.05, 5.991],
  [5, 0.01, 15.086],
  [10, 0.05, 18.307],
  [30, 0.001, 59.703],
  [100, 0.05, 124.342],
  [100, 0.001, 149.449],
  [10, 0.95, 3.94],
  [100, 0.99, 70.065],
];

test.each(table)("%i degrees of freedom leave an upper tail of %f above %f, as the handbook's table says", (degrees, tail, critical) => {
  expect(chiSquareTail(critical - 0.0006, degrees)).toBeGreaterThan(tail);
  expect(chiSquareTail(critical + 0.0006, degrees)).toBeLessThan(tail);
});

test("for an even number of degrees the tail is the finite sum of DLMF 8.4.10, far into both tails", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 400 }), fc.double({ min: 0.3, max: 2.5, noNaN: true }), (half, ratio) => {
      const x = half * ratio;
      let logTerm = -x;
      let sum = Math.exp(logTerm);
      for (let n = 1; n < half; n++) {
        logTerm += Math.log(x / n);
        sum += Math.exp(logTerm);
      }
      const found = chiSquareTail(2 * x, 2 * half);
      expect(Math.abs(found - sum)).toBeLessThanOrEqual(1e-10 * sum + 1e-12);
    }),
  );
});

test("with 65535 degrees the tail is that of the cube root's normal distribution, Wilson and Hilferty 1931, within a hundredth", () => {
  const degrees = 65_535;
  for (const [deviations, tail] of [
    [-2, 0.97725],
    [-1, 0.84134],
    [0, 0.5],
    [1, 0.15866],
    [2, 0.02275],
    [4, 3.167e-5],
  ] as const) {
    const variance = 2 / (9 * degrees);
    const statistic = degrees * (1 - variance + deviations * Math.sqrt(variance)) ** 3;
    expect(Math.abs(chiSquareTail(statistic, degrees) / tail - 1)).toBeLessThan(0.01);
  }
});

test("counts that are too even and counts that are too uneven both stand out, and ordinary ones do not", () => {
  const cells = (of: (cell: number) => number): number[] => Array.from({ length: 256 }, (_, cell) => of(cell));
  expect(evenness(cells(() => 1000))).toBe(1);
  expect(evenness(cells((cell) => (cell < 128 ? 1100 : 900)))).toBeLessThan(1e-6);
  // The deviations of a Poisson variable with mean 1000 are of its square root's size.
  const ordinary = evenness(cells((cell) => 1000 + Math.round(31.6 * Math.SQRT2 * Math.sin(cell))));
  expect(ordinary).toBeGreaterThan(0.01);
  expect(ordinary).toBeLessThan(0.99);
});

test("two samples are alike when their counts are, and unlike when they are not", () => {
  const even = new Array<number>(100).fill(500);
  expect(likeness(even, even)).toBe(1);
  expect(
    likeness(
      even,
      even.map((count, cell) => count + (cell % 2 === 0 ? 100 : -100)),
    ),
  ).toBeLessThan(1e-6);
});

test("vectors that follow each other are dependent, whichever way, and unrelated ones are not", () => {
  const lanes = Array.from({ length: 10_000 }, (_, lane) => (lane * 2_654_435_761) % 2 ** 32);
  const others = Array.from({ length: 10_000 }, (_, lane) => (lane * 1_597_334_677 + 12_345) % 2 ** 32);
  expect(independence(lanes, lanes)).toBeLessThan(1e-6);
  expect(
    independence(
      lanes,
      lanes.map((lane) => -lane),
    ),
  ).toBeLessThan(1e-6);
  expect(independence(lanes, others)).toBeGreaterThan(1e-6);
});
