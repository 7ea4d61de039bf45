import fc from "fast-check";
import { expect, test } from "vitest";
import { digestBytes, digestFromBytes, parseDigest } from "./digest.ts";
import { FlError } from "./errors.ts";

test("32 bytes survive being a digest and its text", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
      const digest = digestFromBytes(bytes);
      expect(digest).toMatch(/^[0-9a-f]{64}$/);
      expect(parseDigest(digest)).toBe(digest);
      expect(digestBytes(digest)).toEqual(bytes);
    }),
  );
});

test("equal digests have one text: upper case is refused", () => {
  expect(() => parseDigest("AB".repeat(32))).toThrowError(FlError);
});

test.each([0, 31, 33, 64])("%i bytes are no digest", (length) => {
  expect(() => digestFromBytes(new Uint8Array(length))).toThrowError(`a digest of ${length} bytes must be 32`);
});

test.each(["", "ab", "0".repeat(63), "0".repeat(65), `${"0".repeat(63)}g`, `${"0".repeat(64)}\n`])("%j is no digest", (text) => {
  expect(() => parseDigest(text)).toThrowError(expect.objectContaining({ code: "invalid-argument" }));
});
