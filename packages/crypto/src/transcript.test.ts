import { FlError, fromHex, toHex, utf8 } from "@sotto/base";
import fc from "fast-check";
import { expect, test } from "vitest";
import { transcript, u32Bytes, u64Bytes } from "./transcript.ts";

test("a transcript is its label and fields, each behind its length", () => {
  expect(toHex(transcript("ab", fromHex("ff"), fromHex("")))).toBe("00000002616200000001ff00000000");
});

test("different lists of fields never give the same transcript", () => {
  const fields = fc.array(fc.uint8Array({ maxLength: 5 }), { maxLength: 4 });
  fc.assert(
    fc.property(fields, fields, (a, b) => {
      const same = JSON.stringify(a.map(toHex)) === JSON.stringify(b.map(toHex));
      expect(toHex(transcript("label", ...a)) === toHex(transcript("label", ...b))).toBe(same);
    }),
  );
});

test("a label is not interchangeable with a field", () => {
  expect(transcript("a", utf8("b"))).not.toEqual(transcript("b", utf8("a")));
});

test("numbers are written as a DataView writes them", () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), (value) => {
      const view = new DataView(new ArrayBuffer(12));
      view.setUint32(0, value % 2 ** 32);
      view.setBigUint64(4, BigInt(value));
      expect(toHex(u32Bytes(value % 2 ** 32)) + toHex(u64Bytes(value))).toBe(toHex(new Uint8Array(view.buffer)));
    }),
  );
});

test("numbers are big endian and bounded", () => {
  expect(toHex(u32Bytes(0xdeadbeef))).toBe("deadbeef");
  expect(toHex(u64Bytes(2 ** 53 - 1))).toBe("001fffffffffffff");
  for (const wrong of [-1, 0.5, 2 ** 32, Number.NaN]) expect(() => u32Bytes(wrong)).toThrow(FlError);
  for (const wrong of [-1, 0.5, 2 ** 53]) expect(() => u64Bytes(wrong)).toThrow(FlError);
});
