import { FlError, toHex } from "@sotto/base";
import { keystream, keystreamTileBytes, seededRng } from "@sotto/crypto";
import {
  createLanes,
  createPlainLaneAdder,
  type EncodedContribution,
  type LaneAdder,
  type Lanes,
  type MaskedContribution,
  type MaskedSum,
} from "@sotto/vector";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addMasksInto, createMaskAdder, type MaskStream, maskInto, removeMasksInto, takeMasksInto } from "./masking.ts";

const key = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);
const stream = fc.record({ key: fc.uint8Array({ minLength: 32, maxLength: 32 }), sign: fc.constantFrom(1 as const, -1 as const) });

test("a mask is the AES-256-CTR stream of its key as little-endian lanes of either width", () => {
  for (const width of [16, 32]) {
    const masked = maskInto(encoded(new Array(128 / width).fill(0), width), [{ key: key(0), sign: 1 }]);
    expect(toHex(bytesOf(masked))).toBe("dc95c078a2408989ad48a21492842087");
    const taken = maskInto(encoded(new Array(128 / width).fill(0), width), [{ key: key(0), sign: -1 }]);
    expect([...taken]).toEqual([...masked].map((lane) => 2 ** width - lane));
  }
});

describe.each([16, 32])("lanes of %d bits", (width) => {
  const lane = fc.integer({ min: 0, max: 2 ** width - 1 });

  test("are masked as one by one, for any length, at any range", () => {
    const adder = createMaskAdder(width === 16 ? 16 : 32);
    fc.assert(
      fc.property(fc.array(lane, { maxLength: 90 }), fc.array(stream, { maxLength: 4 }), fc.nat(), fc.nat(), (values, masks, a, b) => {
        const [start, end] = [a % (values.length + 1), b % (values.length + 1)].sort((x, y) => x - y) as [number, number];
        const lanes = encoded(values, width);
        const expected = naivelyMasked(values, masks, width);
        addMasksInto({ lanes, start, end }, masks, adder);
        expect([...lanes]).toEqual([...values.slice(0, start), ...expected.slice(start, end), ...values.slice(end)]);
        expect([...maskInto(encoded(values, width), masks)]).toEqual(expected);
      }),
    );
  });

  test("that masks are added to are those that they are removed from, and what is left is the low bits", () => {
    fc.assert(
      fc.property(
        fc.array(lane, { maxLength: 50 }),
        fc.array(stream, { maxLength: 5 }),
        fc.integer({ min: 8, max: width }),
        (values, masks, bits) => {
          const masked = maskInto(encoded(values, width), masks);
          const unmasked = removeMasksInto(summed(masked), masks, bits);
          expect([...unmasked]).toEqual(values.map((value) => value % 2 ** bits));
        },
      ),
    );
  });

  test("are opened in ranges as they are whole", () => {
    const adder = createMaskAdder(width === 16 ? 16 : 32);
    fc.assert(
      fc.property(fc.array(lane, { maxLength: 60 }), fc.array(stream, { maxLength: 4 }), fc.nat(), (values, masks, split) => {
        const lanes = encoded(values, width);
        const middle = split % (values.length + 1);
        takeMasksInto({ lanes, start: 0, end: middle }, { masks, bits: 9 }, adder);
        takeMasksInto({ lanes, start: middle, end: values.length }, { masks, bits: 9 }, adder);
        expect([...lanes]).toEqual([...removeMasksInto(summed(encoded(values, width)), masks, 9)]);
      }),
    );
  });

  test("of two clients have nothing of a mask in their sum that one adds and the other takes away", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(lane, lane), { maxLength: 30 }), (pairs) => {
        const a = maskInto(
          encoded(
            pairs.map(([left]) => left),
            width,
          ),
          [{ key: key(1), sign: 1 }],
        );
        const b = maskInto(
          encoded(
            pairs.map(([, right]) => right),
            width,
          ),
          [{ key: key(1), sign: -1 }],
        );
        const sums = pairs.map(([left, right]) => (left + right) % 2 ** width);
        expect([...a].map((value, i) => (value + b[i]!) % 2 ** width)).toEqual(sums);
      }),
    );
  });

  test("join without a seam where tiles, and where workers, meet", () => {
    const tileLanes = (8 * keystreamTileBytes) / width;
    const masks: readonly MaskStream[] = [
      { key: key(1), sign: 1 },
      { key: key(2), sign: -1 },
    ];
    const adders = [createMaskAdder(width === 16 ? 16 : 32), createPlainLaneAdder({ bits: width, tileBytes: 1024 })];
    for (const laneCount of [tileLanes - 1, tileLanes, tileLanes + 1, 2 * tileLanes + 5]) {
      const values = randomLanes(laneCount, width);
      const expected = bytesOf(lanesOf(naivelyMasked([...values], masks, width), width));
      expect(Buffer.compare(bytesOf(maskInto(encoded(values, width), masks)), expected)).toBe(0);
      for (const adder of adders) expect(Buffer.compare(bytesOf(maskedInParts(values, masks, adder)), expected)).toBe(0);
    }
  });

  test("take more streams than are open at once", () => {
    const masks = Array.from({ length: 300 }, (_, i): MaskStream => ({ key: key(i % 251), sign: i % 3 === 0 ? -1 : 1 }));
    const values = [1, 2, 3];
    expect([...maskInto(encoded(values, width), masks)]).toEqual(naivelyMasked(values, masks, width));
  });

  test("of zeros have, masked, no bias that a chi-square test over their bytes sees", () => {
    // 255 degrees of freedom; outside [170, 360] with probability below 1e-5 for uniform bytes, and this seed is fixed.
    const masked = maskInto(encoded(new Uint32Array(2 ** 21 / width), width), [
      { key: key(4), sign: 1 },
      { key: key(5), sign: -1 },
    ]);
    const counts = new Float64Array(256);
    for (const byte of bytesOf(masked)) counts[byte]!++;
    const expected = masked.byteLength / 256;
    const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    expect(chiSquare).toBeGreaterThan(170);
    expect(chiSquare).toBeLessThan(360);
  });
});

test("keys are read, not changed, and the adder keeps no keystream", () => {
  const masks: readonly MaskStream[] = [{ key: key(7), sign: 1 }];
  const adder = createMaskAdder(32);
  const lanes = encoded([1, 2, 3], 32);
  addMasksInto({ lanes, start: 0, end: 3 }, masks, adder);
  expect(masks).toEqual([{ key: key(7), sign: 1 }]);
  for (const source of adder.sources) expect(source.some((byte) => byte !== 0)).toBe(false);
});

test("a key of another length is an error that does not hold it", () => {
  const wrong: MaskStream = { key: key(0x5a).subarray(1), sign: 1 };
  expect(() => maskInto(encoded([1], 32), [{ key: key(1), sign: 1 }, wrong])).toThrow(
    new FlError("invalid-argument", "stream key of 31 bytes must be 32"),
  );
});

/** What masking is, lane by lane, with the whole stream of each mask at once. */
function naivelyMasked(values: readonly number[], masks: readonly MaskStream[], width: number): number[] {
  const modulus = 2 ** width;
  const sums = [...values];
  for (const { key: secret, sign } of masks) {
    const bytes = new Uint8Array(sums.length * (width / 8));
    for (let at = 0; at < bytes.length; at += keystreamTileBytes) {
      const byteLength = Math.min(keystreamTileBytes, bytes.length - at);
      bytes.set(keystream({ key: secret, byteOffset: at, byteLength }), at);
    }
    const view = new DataView(bytes.buffer);
    for (let i = 0; i < sums.length; i++) {
      const mask = width === 16 ? view.getUint16(2 * i, true) : view.getUint32(4 * i, true);
      sums[i] = (sums[i]! + sign * mask + modulus) % modulus;
    }
  }
  return sums;
}

/** Masked in three ranges that begin and end anywhere. */
function maskedInParts(values: Lanes, masks: readonly MaskStream[], adder: LaneAdder): MaskedContribution {
  const lanes = values.slice() as Lanes;
  const cuts = [0, 7, Math.floor(lanes.length / 2) + 1, lanes.length];
  for (let part = 0; part < 3; part++) addMasksInto({ lanes, start: cuts[part]!, end: cuts[part + 1]! }, masks, adder);
  return lanes as MaskedContribution;
}

function lanesOf(values: ArrayLike<number>, width: number): Lanes {
  const lanes = createLanes({ laneCount: values.length, bits: width });
  lanes.set(values);
  return lanes;
}

function encoded(values: ArrayLike<number>, width: number): EncodedContribution {
  return lanesOf(values, width) as EncodedContribution;
}

function summed(lanes: MaskedContribution | EncodedContribution): MaskedSum {
  return lanes as Lanes as MaskedSum;
}

function randomLanes(laneCount: number, width: number): Lanes {
  const bytes = seededRng(key(3)).bytes((laneCount * width) / 8);
  const lanes = createLanes({ laneCount, bits: width });
  bytesOf(lanes).set(bytes);
  return lanes;
}

function bytesOf(lanes: Lanes): Uint8Array {
  return new Uint8Array(lanes.buffer, lanes.byteOffset, lanes.byteLength);
}
