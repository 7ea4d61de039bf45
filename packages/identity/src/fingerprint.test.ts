import { toHex } from "@sotto/base";
import { seededRng } from "@sotto/crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { fingerprintFrom } from "./fingerprint.ts";

test("colons and capitals, as node and openssl write them, do not matter", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
      const hex = toHex(bytes);
      const pairs = hex.match(/../g)!;
      for (const text of [hex, hex.toUpperCase(), pairs.join(":"), pairs.join(":").toUpperCase()]) expect(fingerprintFrom(text)).toBe(hex);
    }),
  );
});

test("another text is no fingerprint", () => {
  const hex = toHex(seededRng(new Uint8Array(32)).bytes(32));
  const pairs = hex.match(/../g)!;
  const wrong = [
    "",
    hex.slice(2),
    `${hex}00`,
    `g${hex.slice(1)}`,
    `${hex}\n`,
    pairs.join("-"),
    `${pairs.join(":")}:`,
    hex.replace(/^../, "$&:"),
  ];
  expect(wrong.map(fingerprintFrom)).toEqual(wrong.map(() => null));
});
