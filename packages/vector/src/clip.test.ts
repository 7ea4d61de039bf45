import fc from "fast-check";
import { expect, test } from "vitest";
import { clipUpdate } from "./clip.ts";
import { toUpdate } from "./stages.ts";

const floats = fc.float32Array({ minLength: 1, maxLength: 40, noNaN: true, noDefaultInfinity: true });
const clipNorms = fc.double({ min: 1e-6, max: 1e6, noNaN: true });

test("3, 4 clipped to 1 is 0.6, 0.8", () => {
  const clipped = clipUpdate(toUpdate(Float32Array.of(3, 4)), 1);
  expect(clipped[0]).toBeCloseTo(0.6, 6);
  expect(clipped[1]).toBeCloseTo(0.8, 6);
});

test("an update within the clip norm comes back as an equal copy", () => {
  const update = toUpdate(Float32Array.of(3, 4));
  const clipped = clipUpdate(update, 5);
  expect([...clipped]).toEqual([3, 4]);
  expect(clipped.buffer).not.toBe(update.buffer);
});

test("a clipped update never exceeds the clip norm, is parallel to the update, and clips to itself", () => {
  fc.assert(
    fc.property(floats, clipNorms, (values, clipNorm) => {
      const before = [...values];
      const clipped = clipUpdate(toUpdate(values), clipNorm);
      expect(normOf(clipped)).toBeLessThanOrEqual(clipNorm);
      expect([...values]).toEqual(before);
      expect([...clipUpdate(toUpdate(clipped), clipNorm)]).toEqual([...clipped]);
      const shrink = Math.min(1, clipNorm / normOf(values));
      values.forEach((value, i) => {
        expect(Math.abs(clipped[i]! - value * shrink)).toBeLessThanOrEqual(Math.abs(value * shrink) * 2 ** -22 + 2 ** -149);
      });
    }),
  );
});

test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** -101])("a clip norm of %s is refused", (clipNorm) => {
  expect(() => clipUpdate(toUpdate(Float32Array.of(1)), clipNorm)).toThrow(`clip norm ${clipNorm} must be finite and at least 2^-100`);
});

function normOf(values: Float32Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
}
