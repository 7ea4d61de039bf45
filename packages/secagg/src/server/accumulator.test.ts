import { FlError } from "@sotto/base";
import { createLanes, type MaskedContribution, packLanes } from "@sotto/vector";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Accumulator, checkLaneWidth } from "./accumulator.ts";

const widths = Array.from({ length: 25 }, (_, i) => i + 8);

function pack(values: readonly number[], bits: number): Uint8Array {
  const lanes = createLanes({ laneCount: values.length, bits });
  lanes.set(values);
  return packLanes(lanes as MaskedContribution, bits);
}

describe.each(widths)("contributions of lanes of %d bits", (bits) => {
  const modulus = bits <= 16 ? 2 ** 16 : 2 ** 32;
  const lane = fc.integer({ min: 0, max: 2 ** bits - 1 });
  const contributions = fc
    .integer({ min: 1, max: 20 })
    .chain((laneCount) => fc.array(fc.array(lane, { minLength: laneCount, maxLength: laneCount }), { minLength: 1, maxLength: 6 }));

  test("sum to their packed lanes modulo 2^16 or 2^32, in any order", () => {
    fc.assert(
      fc.property(contributions, (all) => {
        const laneCount = all[0]!.length;
        const totals = Array.from({ length: laneCount }, (_, i) => all.reduce((sum, lanes) => sum + lanes[i]!, 0) % modulus);
        for (const order of [all, all.toReversed()]) {
          const accumulator = new Accumulator({ laneCount, bits });
          for (const lanes of order) accumulator.add(pack(lanes, bits));
          expect([...accumulator.sum()]).toEqual(totals);
          expect(accumulator.count).toBe(all.length);
        }
      }),
      { numRuns: 30 },
    );
  });

  test("sum so where tiles meet, and wrap there", () => {
    const laneCount = bits <= 16 ? 2 * 32_768 + 13 : 2 * 16_384 + 13;
    const values = Array.from({ length: laneCount }, (_, i) => (2 ** bits - 1 - ((i * 2_654_435_761) % 2 ** bits)) % 2 ** bits);
    const packed = pack(values, bits);
    const accumulator = new Accumulator({ laneCount, bits });
    for (let i = 0; i < 3; i++) accumulator.add(packed);
    const sum = accumulator.sum();
    expect(sum.length).toBe(laneCount);
    expect(values.findIndex((value, i) => sum[i] !== (3 * value) % modulus)).toBe(-1);
  });
});

test("a contribution is read, not changed, nor kept", () => {
  const accumulator = new Accumulator({ laneCount: 3, bits: 12 });
  const packed = pack([1, 2, 3], 12);
  const before = [...packed];
  accumulator.add(packed);
  expect([...packed]).toEqual(before);
  packed.fill(0xff);
  expect([...accumulator.sum()]).toEqual([1, 2, 3]);
});

test("a sum is a copy: adding goes on without it", () => {
  const accumulator = new Accumulator({ laneCount: 1, bits: 16 });
  const before = accumulator.sum();
  accumulator.add(pack([5], 16));
  expect([...before]).toEqual([0]);
  expect([...accumulator.sum()]).toEqual([5]);
});

test("a contribution of another size is refused when declared, and an error when added", () => {
  const width = { laneCount: 10, bits: 20 };
  expect(checkLaneWidth(25, width)).toEqual({ kind: "ok", value: 25 });
  const refusal = { code: "wrong-lane-width", message: "contribution of 26 bytes must be 25: 10 lanes of 20 bits" };
  expect(checkLaneWidth(26, width)).toEqual({ kind: "refused", refusal });
  const accumulator = new Accumulator(width);
  expect(() => accumulator.add(new Uint8Array(26))).toThrow(new FlError("invalid-argument", refusal.message));
  expect(accumulator.count).toBe(0);
});

test("lanes of 7 or 33 bits have no sum", () => {
  for (const bits of [7, 33]) expect(() => new Accumulator({ laneCount: 1, bits })).toThrow(`lanes of ${bits} bits must have 8 to 32`);
});

test("a disposed accumulator holds nothing", () => {
  const accumulator = new Accumulator({ laneCount: 1, bits: 8 });
  accumulator.dispose();
  expect(() => accumulator.sum()).toThrow(FlError);
  expect(() => accumulator.add(new Uint8Array(1))).toThrow(FlError);
});
