import { fromHex, toHex } from "@sotto/base";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createLanes, laneWidth } from "./lanes.ts";
import { packedSize, packLanes, unpackInto, unpackLanes } from "./pack.ts";
import type { EncodedContribution, MaskedContribution } from "./stages.ts";

const widths = Array.from({ length: 25 }, (_, i) => i + 8);

const knownAnswers = [
  { bits: 8, lanes: [0xab, 0x12], packed: "ab12" },
  { bits: 12, lanes: [0xabc, 0x123], packed: "bc3a12" },
  { bits: 9, lanes: [0x1ff, 0, 0x1ff], packed: "ff01fc07" },
  { bits: 16, lanes: [0x1234, 0xabcd], packed: "3412cdab" },
  { bits: 24, lanes: [0x123456, 0xabcdef], packed: "563412efcdab" },
  { bits: 32, lanes: [0x12345678, 0xfedcba98], packed: "7856341298badcfe" },
  { bits: 23, lanes: [0x7fffff, 0, 1], packed: "ffff7f000040000000" },
];

test.each(knownAnswers)("lanes of $bits bits pack low bits first", ({ bits, lanes, packed }) => {
  expect(toHex(packLanes(masked(lanes, bits), bits))).toBe(packed);
  expect([...unpackLanes({ bytes: fromHex(packed), laneCount: lanes.length, bits })]).toEqual(lanes);
});

describe.each(widths)("lanes of %d bits", (bits) => {
  const arrays = laneWidth(bits) === 16 ? fc.uint16Array({ maxLength: 26 }) : fc.uint32Array({ maxLength: 26 });

  test("are the base-2^bits digits of one little-endian number, for every length modulo 8", () => {
    fc.assert(
      fc.property(arrays, (lanes) => {
        const packed = packLanes(masked(lanes, bits), bits);
        expect(packed.length).toBe(Math.ceil((lanes.length * bits) / 8));
        const digits = Array.from(lanes, (lane) => BigInt(lane) % 2n ** BigInt(bits));
        expect(numberOf(packed)).toBe(digits.reduce((sum, digit, i) => sum + (digit << BigInt(bits * i)), 0n));
      }),
    );
  });

  test("come back as their low bits, from any offset of a larger buffer", () => {
    fc.assert(
      fc.property(arrays, fc.integer({ min: 0, max: 3 }), (lanes, offset) => {
        const packed = packLanes(masked(lanes, bits), bits);
        const buffer = new Uint8Array(packed.length + 8).fill(0xff);
        buffer.set(packed, offset);
        const bytes = buffer.subarray(offset, offset + packed.length);
        const expected = Array.from(lanes, (lane) => lane % 2 ** bits);
        expect([...unpackLanes({ bytes, laneCount: lanes.length, bits })]).toEqual(expected);
        const first = createLanes({ laneCount: lanes.length >> 1, bits });
        unpackInto(first, buffer.subarray(offset), bits);
        expect([...first]).toEqual(expected.slice(0, first.length));
      }),
    );
  });

  test("join without a seam where one tile of the loops ends and the next begins", () => {
    for (const laneCount of [4095, 4096, 4097, 8200]) {
      const lanes = Array.from({ length: laneCount }, (_, i) => (i * 2_654_435_761) % 2 ** bits);
      const packed = packLanes(masked(lanes, bits), bits);
      expect([...unpackLanes({ bytes: packed, laneCount, bits })]).toEqual(lanes);
      for (const start of [4088, laneCount - (laneCount % 8) - 8]) {
        const digits = lanes.slice(start, start + 8).map((lane, i) => BigInt(lane) << BigInt(bits * i));
        expect(numberOf(packed.subarray((start * bits) / 8, ((start + 8) * bits) / 8))).toBe(
          digits.reduce((sum, digit) => sum + digit, 0n),
        );
      }
    }
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
  const lanes = masked([0xffff, 7], 13);
  packLanes(lanes, 13);
  expect([...lanes]).toEqual([0xffff, 7]);
});

test.each([7, 33, 8.5, Number.NaN])("a lane of %s bits is refused", (bits) => {
  expect(() => packLanes(masked([1], 32), bits)).toThrow(`lanes of ${bits} bits must have 8 to 32`);
  expect(() => unpackLanes({ bytes: new Uint8Array(1), laneCount: 1, bits })).toThrow(`lanes of ${bits} bits must have 8 to 32`);
});

test("lanes of 16 bits are not packed as more", () => {
  expect(() => packLanes(masked([1], 16), 17)).toThrow("lanes of 16 bits cannot be packed as 17");
});

test("lanes of 32 bits pack to fewer, as their low bits", () => {
  expect(toHex(packLanes(masked([0xfedc_ba98, 0x7654_3210], 32), 12))).toBe("980a21");
  expect(toHex(packLanes(masked([0xfedc_ba98, 0x7654_3210], 32), 16))).toBe("98ba1032");
  expect(toHex(packLanes(masked([0xfedc_ba98, 0x7654_3210], 32), 8))).toBe("9810");
});

test("an encoded contribution without its mask does not compile", () => {
  const bare = Uint32Array.of(1) as EncodedContribution;
  // @ts-expect-error: only a MaskedContribution is packed, so that nothing else is sent.
  expect(packLanes(bare, 8).length).toBe(1);
});

function masked(values: ArrayLike<number>, bits: number): MaskedContribution {
  const lanes = createLanes({ laneCount: values.length, bits });
  lanes.set(values);
  return lanes as MaskedContribution;
}

function numberOf(bytes: Uint8Array): bigint {
  return bytes.reduceRight((number, byte) => (number << 8n) | BigInt(byte), 0n);
}
