import { fromHex, toHex } from "@sotto/base";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { packedSize, packLanes, unpackLanes } from "./pack.ts";
import type { EncodedContribution, MaskedContribution } from "./stages.ts";

const widths = Array.from({ length: 25 }, (_, i) => i + 8);

const knownAnswers = [
  { bits: 12, lanes: [0xabc, 0x123], packed: "bc3a12" },
  { bits: 9, lanes: [0x1ff, 0, 0x1ff], packed: "ff01fc07" },
  { bits: 16, lanes: [0x1234, 0xabcd], packed: "3412cdab" },
  { bits: 24, lanes: [0x123456, 0xabcdef], packed: "563412efcdab" },
  { bits: 32, lanes: [0x12345678, 0xfedcba98], packed: "7856341298badcfe" },
  { bits: 23, lanes: [0x7fffff, 0, 1], packed: "ffff7f000040000000" },
];

test.each(knownAnswers)("lanes of $bits bits pack low bits first", ({ bits, lanes, packed }) => {
  expect(toHex(packLanes(masked(lanes), bits))).toBe(packed);
  expect([...unpackLanes({ bytes: fromHex(packed), laneCount: lanes.length, bits })]).toEqual(lanes);
});

describe.each(widths)("lanes of %d bits", (bits) => {
  test("are the base-2^bits digits of one little-endian number, for every length modulo 8", () => {
    fc.assert(
      fc.property(fc.uint32Array({ maxLength: 26 }), (lanes) => {
        const packed = packLanes(masked(lanes), bits);
        expect(packed.length).toBe(Math.ceil((lanes.length * bits) / 8));
        expect(numberOf(packed)).toBe(lanes.reduce((sum, lane, i) => sum + ((BigInt(lane) % 2n ** BigInt(bits)) << BigInt(bits * i)), 0n));
      }),
    );
  });

  test("come back as their low bits, from any offset of a larger buffer", () => {
    fc.assert(
      fc.property(fc.uint32Array({ maxLength: 26 }), fc.integer({ min: 0, max: 3 }), (lanes, offset) => {
        const packed = packLanes(masked(lanes), bits);
        const buffer = new Uint8Array(packed.length + 8).fill(0xff);
        buffer.set(packed, offset);
        const bytes = buffer.subarray(offset, offset + packed.length);
        expect([...unpackLanes({ bytes, laneCount: lanes.length, bits })]).toEqual([...lanes].map((lane) => lane % 2 ** bits));
      }),
    );
  });

  test("are refused when a byte is missing or over", () => {
    const sizeBytes = packedSize({ laneCount: 5, bits });
    for (const wrong of [sizeBytes - 1, sizeBytes + 1, 0]) {
      expect(() => unpackLanes({ bytes: new Uint8Array(wrong), laneCount: 5, bits })).toThrow(
        `5 lanes of ${bits} bits in ${wrong} bytes must be in ${sizeBytes}`,
      );
    }
  });
});

test("packing leaves the lanes alone", () => {
  const lanes = masked([0xffff_ffff, 7]);
  packLanes(lanes, 13);
  expect([...lanes]).toEqual([0xffff_ffff, 7]);
});

test.each([7, 33, 8.5, Number.NaN])("a lane of %s bits is refused", (bits) => {
  expect(() => packLanes(masked([1]), bits)).toThrow(`lanes of ${bits} bits must have 8 to 32`);
  expect(() => unpackLanes({ bytes: new Uint8Array(1), laneCount: 1, bits })).toThrow(`lanes of ${bits} bits must have 8 to 32`);
});

test("an encoded contribution without its mask does not compile", () => {
  const bare = Uint32Array.of(1) as EncodedContribution;
  // @ts-expect-error: only a MaskedContribution is packed, so that nothing else is sent.
  expect(packLanes(bare, 8).length).toBe(1);
});

function masked(lanes: Iterable<number>): MaskedContribution {
  return Uint32Array.from(lanes) as MaskedContribution;
}

function numberOf(bytes: Uint8Array): bigint {
  return bytes.reduceRight((number, byte) => (number << 8n) | BigInt(byte), 0n);
}
