import { FlError, type Rng } from "@sotto/base";
import { seededRng } from "@sotto/crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { drawHolders, everybodyElse } from "./holders.ts";

const draw = fc.integer({ min: 1, max: 400 }).chain((cohortSize) =>
  fc.record({
    cohortSize: fc.constant(cohortSize),
    index: fc.nat({ max: cohortSize - 1 }),
    holderCount: fc.nat({ max: cohortSize - 1 }),
    seed: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  }),
);

test("as many holders as asked for are drawn, ascending, each once, and never the client itself", () => {
  fc.assert(
    fc.property(draw, ({ cohortSize, index, holderCount, seed }) => {
      const holders = drawHolders({ cohortSize, index, holderCount, rng: seededRng(seed) });
      expect(holders.length).toBe(holderCount);
      expect(holders.every((holder, i) => i === 0 || holder > holders[i - 1]!)).toBe(true);
      expect(holders.every((holder) => everybodyElse(cohortSize, index).includes(holder))).toBe(true);
      expect(drawHolders({ cohortSize, index, holderCount, rng: seededRng(seed) })).toEqual(holders);
    }),
  );
});

test("everybody else is everybody but the client itself, and all of them when all are drawn", () => {
  expect(everybodyElse(5, 0)).toEqual([1, 2, 3, 4]);
  expect(everybodyElse(5, 2)).toEqual([0, 1, 3, 4]);
  expect(everybodyElse(5, 4)).toEqual([0, 1, 2, 3]);
  expect(everybodyElse(1, 0)).toEqual([]);
  expect(drawHolders({ cohortSize: 5, index: 2, holderCount: 4, rng: seededRng(new Uint8Array(32)) })).toEqual([0, 1, 3, 4]);
});

test("every set of holders is as likely as any other", () => {
  // 10 sets of 2 out of 5; chi-square with 9 degrees of freedom, false alarm 1e-6 over the choice of the seed, which is fixed.
  const rng = seededRng(new Uint8Array(32).fill(1));
  const drawCount = 20_000;
  const counts = new Map<string, number>();
  for (let i = 0; i < drawCount; i++) {
    const set = drawHolders({ cohortSize: 6, index: 2, holderCount: 2, rng }).join();
    counts.set(set, (counts.get(set) ?? 0) + 1);
  }
  expect(counts.size).toBe(10);
  const expected = drawCount / 10;
  expect([...counts.values()].reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)).toBeLessThan(44.81);
});

test("every client is as likely a holder as any other", () => {
  // 40 of 199 others, so often that counts are normal; without replacement their variance is p (1 - p) N / (N - 1) of a multinomial's form:
  // chi-square with 198 degrees of freedom, false alarm 1e-6 over the choice of the seed, which is fixed.
  const rng = seededRng(new Uint8Array(32).fill(2));
  const drawCount = 3000;
  const counts = new Float64Array(200);
  for (let i = 0; i < drawCount; i++)
    for (const holder of drawHolders({ cohortSize: 200, index: 77, holderCount: 40, rng })) counts[holder]!++;
  expect(counts[77]).toBe(0);
  const p = 40 / 199;
  const deviations = everybodyElse(200, 77).map((other) => (counts[other]! - drawCount * p) ** 2);
  const statistic = (deviations.reduce((sum, square) => sum + square, 0) / (drawCount * p * (1 - p))) * (198 / 199);
  expect(statistic).toBeLessThan(307.36);
});

test("a word that would favour small integers is thrown away for a fresh one", () => {
  // 2^32 leaves 1 over after division by 3: the last word is one too many.
  const words = [
    [0xff, 0xff, 0xff, 0xff],
    [0xff, 0xff, 0xff, 0xff],
    [0, 0, 0, 2],
  ].map((word) => Uint8Array.from(word));
  const rng: Rng = { bytes: () => words.shift()! };
  expect(drawHolders({ cohortSize: 4, index: 0, holderCount: 1, rng })).toEqual([3]);
  expect(words.length).toBe(0);
});

test("a generator that only gives such words is an error, not a loop", () => {
  const broken: Rng = { bytes: (length) => new Uint8Array(length).fill(0xff) };
  expect(() => drawHolders({ cohortSize: 4, index: 0, holderCount: 1, rng: broken })).toThrow(FlError);
});

test.each([
  { cohortSize: 4, index: 4, holderCount: 1 },
  { cohortSize: 4, index: -1, holderCount: 1 },
  { cohortSize: 4, index: 1.5, holderCount: 1 },
  { cohortSize: 4, index: 0, holderCount: 4 },
  { cohortSize: 4, index: 0, holderCount: -1 },
  { cohortSize: 4, index: 0, holderCount: 0.5 },
])("the draw %o is an error", (given) => {
  expect(() => drawHolders({ ...given, rng: seededRng(new Uint8Array(32)) })).toThrow(FlError);
});
