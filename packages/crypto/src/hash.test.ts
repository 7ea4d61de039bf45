import { concatBytes, FlError, fromHex, toHex, utf8 } from "@sotto/base";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { faces, node, portable } from "./testing/faces.ts";

describe.each(faces)("with $provider", ({ face }) => {
  const { createSha256, sha256, sha256Digest } = face;

  test.each([
    { text: "", digest: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
    { text: "abc", digest: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
    {
      text: "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      digest: "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
    },
  ])('SHA-256 gives the answer of FIPS 180-4 for "$text"', ({ text, digest }) => {
    expect(sha256Digest(utf8(text))).toBe(digest);
    expect(sha256(utf8(text))).toEqual(fromHex(digest));
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

  test("a digest is its owner's: changing it changes no other", () => {
    const first = sha256(utf8("abc"));
    first.fill(0);
    expect(toHex(sha256(utf8("abc")))).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    expect(first.buffer.byteLength).toBe(32);
  });
});

test("both providers give the same digests", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
      expect(portable.sha256(bytes)).toEqual(node.sha256(bytes));
    }),
  );
});
