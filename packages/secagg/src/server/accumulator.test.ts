import { FlError } from "@sotto/base";
import { type MaskedContribution, packLanes } from "@sotto/vector";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Accumulator, checkLaneWidth } from "./accumulator.ts";

const lane = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const contributions = fc
  .integer({ min: 1, max: 20 })
  .chain((laneCount) => fc.array(fc.array(lane, { minLength: laneCount, maxLength: laneCount }), { minLength: 1, maxLength: 6 }));

function pack(lanes: readonly number[], bits: number): Uint8Array {
  return packLanes(Uint32Array.from(lanes) as MaskedContribution, bits);
}

test("the sum is that of the packed lanes modulo 2^32, in any order", () => {
  fc.assert(
    fc.property(contributions, fc.integer({ min: 8, max: 32 }), (all, bits) => {
      const laneCount = all[0]!.length;
      const totals = Array.from({ length: laneCount }, (_, i) => all.reduce((sum, lanes) => sum + (lanes[i]! % 2 ** bits), 0) % 2 ** 32);
      for (const order of [all, all.toReversed()]) {
        const accumulator = new Accumulator(laneCount);
        for (const lanes of order) accumulator.add(pack(lanes, bits), bits);
        expect([...accumulator.sum()]).toEqual(totals);
        expect(accumulator.count).toBe(all.length);
      }
    }),
  );
});

test("a sum is a copy: adding goes on without it", () => {
  const accumulator = new Accumulator(1);
  const before = accumulator.sum();
  accumulator.add(pack([5], 16), 16);
  expect([...before]).toEqual([0]);
  expect([...accumulator.sum()]).toEqual([5]);
});

test("a contribution of another size is refused when declared, and an error when added", () => {
  const width = { laneCount: 10, bits: 20 };
  expect(checkLaneWidth(25, width)).toEqual({ kind: "ok", value: 25 });
  expect(checkLaneWidth(26, width)).toMatchObject({ kind: "refused", refusal: { code: "wrong-lane-width" } });
  const accumulator = new Accumulator(10);
  expect(() => accumulator.add(new Uint8Array(26), 20)).toThrow(FlError);
  expect(accumulator.count).toBe(0);
});

test("a disposed accumulator holds nothing", () => {
  const accumulator = new Accumulator(1);
  accumulator.dispose();
  expect(() => accumulator.sum()).toThrow(FlError);
  expect(() => accumulator.add(new Uint8Array(1), 8)).toThrow(FlError);
});
