import { FlError } from "@sotto/base";
import fc from "fast-check";
import { expect, test } from "vitest";
import { atLeastLog2, belowLog2, binomialLog2, missLog2, populationMax } from "./hypergeometric.ts";

/** n over k. */
function binomial(n: number, k: number): bigint {
  if (k < 0 || k > n) return 0n;
  let result = 1n;
  for (let i = 1; i <= k; i++) result = (result * BigInt(n - k + i)) / BigInt(i);
  return result;
}

/** Ways to draw that catch 0, 1, … of the marked, up to all of the drawn. */
function waysToCatch({ population, marked, drawn }: Draw): bigint[] {
  const lowest = Math.max(0, marked + drawn - population);
  const ways: bigint[] = Array.from({ length: lowest }, () => 0n);
  let term = binomial(marked, lowest) * binomial(population - marked, drawn - lowest);
  for (let x = lowest; x <= drawn; x++) {
    ways.push(term);
    term = (term * BigInt(marked - x) * BigInt(drawn - x)) / (BigInt(x + 1) * BigInt(population - marked - drawn + x + 1));
  }
  return ways;
}

/** log2 of a fraction of big integers, from their leading 64 bits. */
function fractionLog2(numerator: bigint, denominator: bigint): number {
  if (numerator === 0n) return Number.NEGATIVE_INFINITY;
  const shifts = [numerator, denominator].map((x) => Math.max(0, x.toString(2).length - 64)) as [number, number];
  return Math.log2(Number(numerator >> BigInt(shifts[0])) / Number(denominator >> BigInt(shifts[1]))) + shifts[0] - shifts[1];
}

interface Draw {
  readonly population: number;
  readonly marked: number;
  readonly drawn: number;
}

function draws(largest: number): fc.Arbitrary<Draw> {
  return fc
    .integer({ min: 1, max: largest })
    .chain((population) =>
      fc.record({ population: fc.constant(population), marked: fc.nat({ max: population }), drawn: fc.nat({ max: population }) }),
    );
}

/** 1e-12 of the probability, and the last places of its logarithm. */
function expectExact(actual: number, numerator: bigint, denominator: bigint): void {
  const exact = fractionLog2(numerator, denominator);
  if (exact === Number.NEGATIVE_INFINITY) expect(actual).toBe(exact);
  else expect(Math.abs(actual - exact)).toBeLessThanOrEqual(1e-12 + 1e-15 * Math.abs(exact));
}

function expectExactTails(draw: Draw, counts: readonly number[]): void {
  const ways = waysToCatch(draw);
  const sum = (terms: readonly bigint[]): bigint => terms.reduce((total, term) => total + term, 0n);
  const all = binomial(draw.population, draw.drawn);
  expect(sum(ways)).toBe(all);
  for (const count of counts.map((wanted) => Math.max(0, wanted))) {
    expectExact(atLeastLog2(draw, count), sum(ways.slice(count)), all);
    expectExact(belowLog2(draw, count), sum(ways.slice(0, count)), all);
  }
}

test("a hand of bridge holds every ace with the probability that every textbook gives, 11 in 4165", () => {
  const hand = { population: 52, marked: 4, drawn: 13 };
  expect(Math.abs(2 ** atLeastLog2(hand, 4) - 11 / 4165)).toBeLessThan(1e-15);
  expect(Math.abs(2 ** belowLog2(hand, 1) - 6327 / 20_825)).toBeLessThan(1e-15);
});

test("tails equal those counted in integers", () => {
  fc.assert(
    fc.property(draws(60), fc.integer({ min: -1, max: 62 }), (draw, count) => expectExactTails(draw, [count])),
    { numRuns: 500 },
  );
});

test("tails of a large population, far and near, equal those counted in integers", () => {
  expectExactTails({ population: 9999, marked: 2000, drawn: 261 }, [1, 30, 52, 53, 110, 111, 261]);
  expectExactTails({ population: 9999, marked: 6999, drawn: 261 }, [127, 128, 183]);
  expectExactTails({ population: populationMax, marked: 5000, drawn: 2000 }, [0, 1, 900, 1000, 2000]);
});

test("binomials and misses equal those counted in integers", () => {
  fc.assert(
    fc.property(draws(400), ({ population, marked, drawn }) => {
      expectExact(binomialLog2(population, drawn), binomial(population, drawn), 1n);
      const missed = { population, avoided: marked, drawn };
      expectExact(missLog2(missed), binomial(population - marked, drawn), binomial(population, drawn));
    }),
  );
  expectExact(binomialLog2(populationMax, 4000), binomial(populationMax, 4000), 1n);
  expect(binomialLog2(5, -1)).toBe(Number.NEGATIVE_INFINITY);
  expect(binomialLog2(5, 6)).toBe(Number.NEGATIVE_INFINITY);
});

test("a small miss keeps its relative precision, for it is taken thousands of times", () => {
  const exact = Math.log1p(-261 / 9999) / Math.LN2;
  expect(Math.abs(missLog2({ population: 9999, avoided: 1, drawn: 261 }) / exact - 1)).toBeLessThan(1e-13);
});

test.each([
  { population: 10, marked: 11, drawn: 1 },
  { population: 10, marked: 1, drawn: 11 },
  { population: 10, marked: -1, drawn: 1 },
  { population: 10, marked: 1.5, drawn: 1 },
  { population: populationMax + 1, marked: 1, drawn: 1 },
])("the draw %o is an error", (draw) => {
  expect(() => atLeastLog2(draw, 1)).toThrow(FlError);
  expect(() => belowLog2(draw, 1)).toThrow(FlError);
});
