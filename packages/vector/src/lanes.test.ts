import { FlError } from "@sotto/base";
import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { checkLaneBits, createLanes, createSharedLanes, laneBits, laneLimit } from "./lanes.ts";

/** SECAGG 2.7, for n = 10, 30, 100, 300, 1000, 10000. */
const cohortSizes = [10, 30, 100, 300, 1000, 10_000];
const table = [
  { quantisationBits: 8, bits: [12, 13, 15, 17, 18, 22] },
  { quantisationBits: 12, bits: [16, 17, 19, 21, 22, 26] },
  { quantisationBits: 16, bits: [20, 21, 23, 25, 26, 30] },
  { quantisationBits: 20, bits: [24, 25, 27, 29, 30] },
];

test.each(table)("lane widths at $quantisationBits quantisation bits are those of SECAGG 2.7", ({ quantisationBits, bits }) => {
  expect(bits.map((_, i) => laneBits({ cohortSize: cohortSizes[i]!, quantisationBits }))).toEqual(bits);
});

test("20 quantisation bits and 10000 clients need 34 bits and are refused by that number", () => {
  expect(() => laneBits({ cohortSize: 10_000, quantisationBits: 20 })).toThrow(
    new FlError("invalid-argument", "10000 clients at 20 quantisation bits need lanes of 34 bits, and a lane has at most 32"),
  );
});

test("a plan of another width than its cohort and quantisation need is refused, with both numbers", () => {
  const session = { cohortSize: 100, quantisationBits: 16 };
  expect(checkLaneBits({ ...session, bits: 23 })).toEqual({ kind: "ok", value: 23 });
  for (const bits of [8, 22, 24, 32, Number.NaN]) {
    expect(checkLaneBits({ ...session, bits })).toEqual({
      kind: "refused",
      refusal: {
        code: "wrong-lane-width",
        message: `lanes of ${bits} bits are not what the plan needs: 100 clients at 16 quantisation bits need lanes of 23 bits`,
      },
    });
  }
});

test("a plan that needs lanes of more than 32 bits is refused whatever it says", () => {
  for (const bits of [32, 34]) {
    expect(checkLaneBits({ cohortSize: 10_000, quantisationBits: 20, bits })).toEqual({
      kind: "refused",
      refusal: {
        code: "wrong-lane-width",
        message: `lanes of ${bits} bits are not what the plan needs: 10000 clients at 20 quantisation bits need lanes of 34 bits`,
      },
    });
  }
});

test("lanes are of 16 bits up to 16 bits, and of 32 above", () => {
  for (let bits = 8; bits <= 32; bits++) {
    const lanes = createLanes({ laneCount: 3, bits });
    expect([...lanes]).toEqual([0, 0, 0]);
    expect(lanes.BYTES_PER_ELEMENT).toBe(bits <= 16 ? 2 : 4);
  }
  for (const bits of [7, 33, 16.5]) {
    expect(() => createLanes({ laneCount: 1, bits })).toThrow(new FlError("invalid-argument", `lanes of ${bits} bits must have 8 to 32`));
  }
});

test("shared lanes are lanes in shared memory, once they are many", () => {
  for (const bits of [8, 16, 17, 32]) {
    const laneBytes = bits <= 16 ? 2 : 4;
    const few = createSharedLanes({ laneCount: 65_536 / laneBytes, bits });
    const many = createSharedLanes({ laneCount: 65_536 / laneBytes + 1, bits });
    expect([few.buffer, many.buffer].map((buffer) => buffer instanceof SharedArrayBuffer)).toEqual([false, true]);
    for (const lanes of [few, many]) {
      expect(lanes.BYTES_PER_ELEMENT).toBe(laneBytes);
      expect(lanes.byteLength).toBe(lanes.buffer.byteLength);
      expect(lanes.some((lane: number) => lane !== 0)).toBe(false);
    }
  }
  expect(() => createSharedLanes({ laneCount: 100_000, bits: 33 })).toThrow("lanes of 33 bits must have 8 to 32");
});

test("where no memory is shared, shared lanes are ordinary ones", () => {
  vi.stubGlobal("SharedArrayBuffer", undefined);
  try {
    expect(createSharedLanes({ laneCount: 100_000, bits: 16 }).buffer).toBeInstanceOf(ArrayBuffer);
  } finally {
    vi.unstubAllGlobals();
  }
});

test("a lane is the narrowest that holds the sum of all clients at either limit", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100_000 }), fc.integer({ min: 8, max: 31 }), (cohortSize, quantisationBits) => {
      const extreme = cohortSize * (2 ** (quantisationBits - 1) - 1);
      fc.pre(extreme <= 2 ** 31 - 1);
      const bits = laneBits({ cohortSize, quantisationBits });
      expect(extreme).toBeLessThanOrEqual(2 ** (bits - 1) - 1);
      expect(bits === 8 || extreme > 2 ** (bits - 2) - 1).toBe(true);
    }),
  );
});

test("the widest quantisation fits two clients and no third", () => {
  expect(laneLimit(31)).toBe(2 ** 30 - 1);
  expect(laneBits({ cohortSize: 2, quantisationBits: 31 })).toBe(32);
  expect(() => laneBits({ cohortSize: 3, quantisationBits: 31 })).toThrow("lanes of 33 bits");
});

test("a quantisation or a cohort out of range is refused", () => {
  expect(() => laneBits({ cohortSize: 10, quantisationBits: 7 })).toThrow("quantisation bits 7 must be 8 to 31");
  expect(() => laneBits({ cohortSize: 10, quantisationBits: 32 })).toThrow("quantisation bits 32 must be 8 to 31");
  expect(() => laneBits({ cohortSize: 0, quantisationBits: 16 })).toThrow("cohort size 0 must be an integer from 1");
});
