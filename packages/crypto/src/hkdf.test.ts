import { FlError, fromHex, toHex } from "@sotto/base";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { faces, node, portable } from "./testing/faces.ts";

const range = (from: number, count: number): Uint8Array => Uint8Array.from({ length: count }, (_, i) => from + i);
const bytes = fc.uint8Array({ maxLength: 100 });
const none = new Uint8Array(0);

describe.each(faces)("with $provider", ({ face: { hkdfSha256 } }) => {
  test.each([
    {
      name: "A.1",
      secret: new Uint8Array(22).fill(0x0b),
      salt: range(0, 13),
      info: range(0xf0, 10),
      okm: "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
    },
    {
      name: "A.2",
      secret: range(0, 80),
      salt: range(0x60, 80),
      info: range(0xb0, 80),
      okm: "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87",
    },
    {
      name: "A.3",
      secret: new Uint8Array(22).fill(0x0b),
      salt: none,
      info: none,
      okm: "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
    },
  ])("HKDF gives the answer of RFC 5869 $name", ({ secret, salt, info, okm }) => {
    expect(toHex(hkdfSha256({ secret, salt, info, length: fromHex(okm).length }))).toBe(okm);
  });

  test("a shorter output is the beginning of a longer one, and the inputs stay as they were", () => {
    fc.assert(
      fc.property(bytes, bytes, bytes, fc.integer({ min: 1, max: 100 }), (secret, salt, info, length) => {
        const before = [secret, salt, info].map(toHex);
        const long = hkdfSha256({ secret, salt, info, length: 100 });
        expect(hkdfSha256({ secret, salt, info, length })).toEqual(long.slice(0, length));
        expect([secret, salt, info].map(toHex)).toEqual(before);
      }),
    );
  });

  test("lengths and infos outside the ranges are errors, at their ends they are not", () => {
    const input = { secret: none, salt: none, info: none };
    for (const length of [0, -1, 8161, 1.5, Number.NaN]) expect(() => hkdfSha256({ ...input, length })).toThrow(FlError);
    expect(() => hkdfSha256({ ...input, info: new Uint8Array(1025), length: 32 })).toThrow(FlError);
    expect(hkdfSha256({ ...input, info: new Uint8Array(1024), length: 8160 }).length).toBe(8160);
  });
});

test("both providers derive the same bytes", () => {
  fc.assert(
    fc.property(bytes, bytes, bytes, fc.integer({ min: 1, max: 200 }), (secret, salt, info, length) => {
      expect(portable.hkdfSha256({ secret, salt, info, length })).toEqual(node.hkdfSha256({ secret, salt, info, length }));
    }),
  );
});
