import fc from "fast-check";
import { expect, test } from "vitest";
import { randomStream, streamFrom } from "./random.ts";

test("the stream from state 1, 2, 3, 4 is that of the reference implementation of xoshiro128** 1.1", () => {
  const stream = streamFrom(Uint32Array.of(1, 2, 3, 4));
  const expected = [11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804];
  expect(expected.map(() => stream.uint32())).toEqual(expected);
});

test("a draw below a bound is below it, and a seed repeats itself", () => {
  fc.assert(
    fc.property(fc.nat(2 ** 32 - 1), fc.nat(1000), fc.integer({ min: 1, max: 2 ** 32 }), (seed, number, bound) => {
      const draw = randomStream({ seed, stream: number }).below(bound);
      expect(draw).toBeGreaterThanOrEqual(0);
      expect(draw).toBeLessThan(bound);
      expect(randomStream({ seed, stream: number }).below(bound)).toBe(draw);
    }),
  );
});

test("streams of one seed differ", () => {
  const firsts = Array.from({ length: 1000 }, (_, stream) => randomStream({ seed: 5, stream }).uint32());
  expect(new Set(firsts).size).toBe(1000);
});

// Fixed seed. Bounds of 5 standard errors: a false alarm about once in a million seeds a moment.
test("uniform and normal draws have the moments of their distributions", () => {
  const count = 100_000;
  const stream = randomStream({ seed: 1, stream: 0 });
  const moments = (draw: () => number): { mean: number; variance: number } => {
    const values = Array.from({ length: count }, draw);
    const mean = values.reduce((sum, value) => sum + value, 0) / count;
    return { mean, variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count };
  };
  const uniform = moments(() => stream.uniform());
  expect(Math.abs(uniform.mean - 0.5)).toBeLessThan(5 * Math.sqrt(1 / 12 / count));
  expect(Math.abs(uniform.variance - 1 / 12)).toBeLessThan(5 * Math.sqrt(1 / 180 / count));
  const normal = moments(() => stream.normal());
  expect(Math.abs(normal.mean)).toBeLessThan(5 / Math.sqrt(count));
  expect(Math.abs(normal.variance - 1)).toBeLessThan(5 * Math.sqrt(2 / count));
});
