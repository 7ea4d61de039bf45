import { toHex } from "@sotto/base";
import { keystream, keystreamTileBytes, seededRng } from "@sotto/crypto";
import type { EncodedContribution, MaskedSum } from "@sotto/vector";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type MaskStream, maskInto, removeMasksInto } from "./masking.ts";

const key = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);
const encoded = (lanes: Iterable<number>): EncodedContribution => Uint32Array.from(lanes) as EncodedContribution;
const lane = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const stream = fc.record({ key: fc.uint8Array({ minLength: 32, maxLength: 32 }), sign: fc.constantFrom(1 as const, -1 as const) });

test("a mask is the AES-256-CTR stream of its key as little-endian lanes", () => {
  const masked = maskInto(encoded([0, 0, 0, 0]), [{ key: key(0), sign: 1 }]);
  expect(toHex(new Uint8Array(masked.buffer))).toBe("dc95c078a2408989ad48a21492842087");
});

test("masks that are added are those that are removed, and what is left is the low bits", () => {
  fc.assert(
    fc.property(
      fc.array(lane, { maxLength: 50 }),
      fc.array(stream, { maxLength: 5 }),
      fc.integer({ min: 8, max: 32 }),
      (lanes, masks, bits) => {
        const masked = maskInto(encoded(lanes), masks);
        const unmasked = removeMasksInto(Uint32Array.from(masked) as MaskedSum, masks, bits);
        expect([...unmasked]).toEqual(lanes.map((value) => value % 2 ** bits));
      },
    ),
  );
});

test("a mask that one client adds and another takes away is not in their sum", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(lane, lane), { maxLength: 30 }), (pairs) => {
      const a = maskInto(encoded(pairs.map(([left]) => left)), [{ key: key(1), sign: 1 }]);
      const b = maskInto(encoded(pairs.map(([, right]) => right)), [{ key: key(1), sign: -1 }]);
      expect([...a].map((value, i) => (value + b[i]!) % 2 ** 32)).toEqual(pairs.map(([left, right]) => (left + right) % 2 ** 32));
    }),
  );
});

test("tiles join without a seam, at lengths around one and two of them", () => {
  const tileLanes = keystreamTileBytes / 4;
  for (const laneCount of [tileLanes - 1, tileLanes, tileLanes + 1, 2 * tileLanes + 5]) {
    const masks: readonly MaskStream[] = [
      { key: key(1), sign: 1 },
      { key: key(2), sign: -1 },
    ];
    const values = new Uint32Array(seededRng(key(3)).bytes(4 * laneCount).buffer);
    const masked = maskInto(encoded(values), masks);
    for (const at of [0, tileLanes - 4, laneCount - (laneCount % 4) - 4].filter((start) => start + 4 <= laneCount)) {
      const [plus, minus] = masks.map(
        (one) => new Uint32Array(keystream({ key: one.key, byteOffset: 4 * at, byteLength: 16 }).buffer, 0, 4),
      );
      for (let i = 0; i < 4; i++) expect(masked[at + i]).toBe((values[at + i]! + plus![i]! - minus![i]!) >>> 0);
    }
  }
});

test("a masked contribution of zeros has no bias that a chi-square test over its bytes sees", () => {
  // 255 degrees of freedom; outside [170, 360] with probability below 1e-5 for uniform bytes, and this seed is fixed.
  const masked = maskInto(encoded(new Uint32Array(2 ** 16)), [
    { key: key(4), sign: 1 },
    { key: key(5), sign: -1 },
  ]);
  const counts = new Float64Array(256);
  for (const byte of new Uint8Array(masked.buffer)) counts[byte]!++;
  const expected = masked.byteLength / 256;
  const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  expect(chiSquare).toBeGreaterThan(170);
  expect(chiSquare).toBeLessThan(360);
});
