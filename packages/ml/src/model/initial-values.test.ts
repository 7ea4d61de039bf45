import { expect, test } from "vitest";
import { randomStream } from "../random.ts";
import type { Initializer } from "../topology/initializer.ts";
import type { Shape } from "../topology/shape.ts";
import { initialValues } from "./initial-values.ts";

function draw(initializer: Initializer, shape: Shape): Float32Array {
  return initialValues({ initializer, shape }, randomStream({ seed: 11, stream: 0 }));
}

// Fixed seed. Bounds of 5 standard errors, so a false alarm about once in a million seeds.
function expectMoments(values: Float32Array, variance: number): void {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const spread = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  expect(Math.abs(mean)).toBeLessThan(5 * Math.sqrt(variance / values.length));
  expect(Math.abs(spread / variance - 1)).toBeLessThan(5 * Math.sqrt(2 / values.length));
}

test("a scaled initializer has the variance of its fan, whatever the distribution", () => {
  const shape = [3, 3, 64, 100];
  const glorot = (distribution: "normal" | "uniform"): Initializer => ({ kind: "scaled", scale: 1, fan: "average", distribution });
  expectMoments(draw(glorot("normal"), shape), 1 / ((9 * 64 + 9 * 100) / 2));
  expectMoments(draw(glorot("uniform"), shape), 1 / ((9 * 64 + 9 * 100) / 2));
  expectMoments(draw({ kind: "scaled", scale: 2, fan: "in", distribution: "normal" }, [200, 100]), 2 / 200);
});

test("truncated draws stay within two deviations", () => {
  const values = draw({ kind: "normal", mean: 0, deviation: 0.5, truncated: true }, [10_000]);
  expect(values.every((value) => Math.abs(value) <= 1)).toBe(true);
});

test.each([
  [8, 3],
  [3, 8],
  [5, 5],
])("an orthogonal %i × %i matrix has orthonormal columns or rows", (rows, columns) => {
  const values = draw({ kind: "orthogonal", gain: 2 }, [rows, columns]);
  const at = (row: number, column: number): number => values[row * columns + column]!;
  const tall = rows >= columns;
  const count = Math.min(rows, columns);
  for (let a = 0; a < count; a++)
    for (let b = 0; b < count; b++) {
      let product = 0;
      for (let i = 0; i < Math.max(rows, columns); i++) product += tall ? at(i, a) * at(i, b) : at(a, i) * at(b, i);
      expect(product).toBeCloseTo(a === b ? 4 : 0, 5);
    }
});

test("the forget gate of an LSTM starts open", () => {
  expect([...draw({ kind: "forget-gate-open", base: { kind: "constant", value: 0 } }, [8])]).toEqual([0, 0, 1, 1, 0, 0, 0, 0]);
});
