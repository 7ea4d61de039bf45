import { concatBytes, FlError, utf8 } from "@sotto/base";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createSha256, sha256Digest } from "./hash.ts";

test("SHA-256 gives the answer of FIPS 180-4 for abc", () => {
  expect(sha256Digest(utf8("abc"))).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
});

test("a stream gives the digest of its chunks joined, however they are cut", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 8 }), (chunks) => {
      const stream = createSha256();
      for (const chunk of chunks) stream.update(chunk);
      expect(stream.digest()).toBe(sha256Digest(concatBytes(...chunks)));
    }),
  );
});

test("a stream whose digest was taken takes nothing more", () => {
  const stream = createSha256();
  stream.digest();
  expect(() => stream.update(utf8("more"))).toThrow(FlError);
  expect(() => stream.digest()).toThrow(FlError);
});
