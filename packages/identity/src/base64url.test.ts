import { utf8 } from "@sotto/base";
import fc from "fast-check";
import { expect, test } from "vitest";
import { fromBase64url, toBase64url } from "./base64url.ts";

test("the texts of RFC 4648 section 10, without padding", () => {
  const known = { "": "", f: "Zg", fo: "Zm8", foo: "Zm9v", foob: "Zm9vYg", fooba: "Zm9vYmE", foobar: "Zm9vYmFy" };
  for (const [text, encoded] of Object.entries(known)) {
    expect(toBase64url(utf8(text))).toBe(encoded);
    expect(fromBase64url(encoded)).toEqual(utf8(text));
  }
  expect(toBase64url(Uint8Array.of(251, 255))).toBe("-_8");
});

test("bytes survive their text", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(fromBase64url(toBase64url(bytes))).toEqual(bytes);
    }),
  );
});

test.each(["Zg==", "Zh", "Z", "Zm9v\n", " Zm9v", "+/8", "Zm 9v", "é"])(
  "%j is refused: another text says the same, or none does",
  (text) => {
    expect(fromBase64url(text)).toBeNull();
  },
);
