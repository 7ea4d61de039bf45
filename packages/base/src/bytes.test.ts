import fc from "fast-check";
import { expect, test } from "vitest";
import { concatBytes, equalBytes, fromHex, fromUtf8, toHex, utf8, wipeInto } from "./bytes.ts";
import { FlError } from "./errors.ts";

const bytes = fc.uint8Array({ maxLength: 64 });

test("hexadecimal text is that of RFC 4648 section 10, in lower case", () => {
  expect(toHex(utf8("foobar"))).toBe("666f6f626172");
  expect(fromUtf8(fromHex("666F6F626172"))).toBe("foobar");
});

test("a character outside ASCII has the UTF-8 bytes of RFC 3629 section 7", () => {
  expect(toHex(utf8("A≢Α."))).toBe("41e289a2ce912e");
});

test("bytes survive hexadecimal text", () => {
  fc.assert(
    fc.property(bytes, (value) => {
      expect(fromHex(toHex(value))).toEqual(value);
    }),
  );
});

test("well-formed text survives UTF-8", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(fromUtf8(utf8(text))).toBe(text);
    }),
  );
  expect(fromUtf8(utf8("\ufeffmark"))).toBe("\ufeffmark");
});

test("bytes are equal exactly when their hexadecimal texts are", () => {
  fc.assert(
    fc.property(bytes, bytes, (a, b) => {
      expect(equalBytes(a, Uint8Array.from(a))).toBe(true);
      expect(equalBytes(a, b)).toBe(toHex(a) === toHex(b));
    }),
  );
});

test("one flipped bit makes bytes unequal", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 64 }), fc.nat(), fc.nat(7), (value, at, bit) => {
      const flipped = Uint8Array.from(value);
      flipped[at % value.length]! ^= 1 << bit;
      expect(equalBytes(value, flipped)).toBe(false);
    }),
  );
});

test("joined bytes are a copy of the parts in order", () => {
  fc.assert(
    fc.property(fc.array(bytes, { maxLength: 5 }), (parts) => {
      const joined = concatBytes(...parts);
      expect(toHex(joined)).toBe(parts.map(toHex).join(""));
      joined.fill(0xff);
      expect(parts.every((part) => part.buffer !== joined.buffer)).toBe(true);
    }),
  );
});

test.each(["a", "0g", " 00", "0x00", "00\n"])("%j is not hexadecimal", (text) => {
  expect(() => fromHex(text)).toThrowError(FlError);
});

test("a refused hexadecimal text is not repeated in the message, because it may be a secret", () => {
  expect(() => fromHex("deadbeefx")).toThrowError(/^text of 9 characters is not hexadecimal$/);
});

test.each(["ff", "c080", "eda080"])("bytes %s are not UTF-8", (hex) => {
  expect(() => fromUtf8(fromHex(hex))).toThrowError(expect.objectContaining({ code: "invalid-argument" }));
});

test("wiped secrets are zero, in place", () => {
  const [first, second] = [Uint8Array.of(1, 2, 3), Uint8Array.of(4)];
  wipeInto(first, second);
  expect(first).toEqual(new Uint8Array(3));
  expect(second).toEqual(new Uint8Array(1));
});
