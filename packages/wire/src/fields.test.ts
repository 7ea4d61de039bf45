import { fromUtf8, utf8 } from "@sotto/base";
import fc from "fast-check";
import { expect, test } from "vitest";
import { ascendingIndices, cutText, fixedBytes, wholeWait, wideCount } from "./fields.ts";

test("text is cut at a whole character and never grows", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 60 }), fc.nat(80), (text, sizeBytesMax) => {
      const cut = cutText(text, sizeBytesMax);
      expect(utf8(cut).length).toBeLessThanOrEqual(sizeBytesMax);
      const wellFormed = fromUtf8(utf8(text));
      expect(wellFormed.startsWith(cut)).toBe(true);
      if (utf8(text).length <= sizeBytesMax) expect(cut).toBe(wellFormed);
    }),
  );
});

test("half a surrogate pair becomes a replacement character", () => {
  expect(cutText("a\ud83db", 10)).toBe("a\ufffdb");
  expect(cutText("é€😀", 4)).toBe("é");
});

test("bytes of a wrong length are refused with both lengths", () => {
  expect(() => fixedBytes(new Uint8Array(31), { sizeBytes: 32, what: "mask key" })).toThrow("mask key of 31 bytes must be 32");
});

test("indices that repeat or go down are refused", () => {
  expect(ascendingIndices([0, 3, 9], "holders")).toEqual([0, 3, 9]);
  expect(() => ascendingIndices([0, 3, 3], "holders")).toThrow("holders must ascend, but 3 follows 3");
  expect(() => ascendingIndices([5, 4], "holders")).toThrow("holders must ascend, but 4 follows 5");
});

test("a 64-bit count over its maximum is refused", () => {
  expect(wideCount(2n ** 32n, { max: 2 ** 32, what: "bytes" })).toBe(2 ** 32);
  expect(() => wideCount(2n ** 64n - 1n, { max: 2 ** 32, what: "bytes" })).toThrow("over 4294967296");
});

test("a wait is sent as whole milliseconds within a day", () => {
  expect([0.2, -4, 1e12].map(wholeWait)).toEqual([1, 0, 86_400_000]);
});
