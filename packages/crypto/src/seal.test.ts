import { FlError, fromHex, toHex, utf8 } from "@sotto/base";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sealOverheadBytes } from "./seal.ts";
import { faces, node, portable } from "./testing/faces.ts";

const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
const bytes12 = fc.uint8Array({ minLength: 12, maxLength: 12 });

describe.each(faces)("with $provider", ({ face: { open, seal } }) => {
  test("ChaCha20-Poly1305 gives the answer of RFC 8439 §2.8.2", () => {
    const key = Uint8Array.from({ length: 32 }, (_, i) => 0x80 + i);
    const nonce = fromHex("070000004041424344454647");
    const associatedData = fromHex("50515253c0c1c2c3c4c5c6c7");
    const plaintext = utf8(
      "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.",
    );
    const sealed = seal({ key, nonce, associatedData, plaintext });
    expect(toHex(sealed)).toBe(
      "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b36" +
        "92ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc3ff4def08e4b7a9de576d26586cec64b6116" +
        "1ae10b594f09e26a7e902ecbd0600691",
    );
    expect(open({ key, nonce, associatedData, sealed })).toEqual({ kind: "ok", value: plaintext });
  });

  test("what is sealed opens to itself, and is its tag longer", () => {
    fc.assert(
      fc.property(bytes32, fc.uint8Array(), fc.uint8Array({ maxLength: 300 }), (key, associatedData, plaintext) => {
        const sealed = seal({ key, associatedData, plaintext });
        expect(sealed.length).toBe(plaintext.length + sealOverheadBytes);
        expect(open({ key, associatedData, sealed })).toEqual({ kind: "ok", value: plaintext });
      }),
    );
  });

  test("a message that was changed in any bit, cut, or bound to something else does not open", () => {
    const key = new Uint8Array(32).fill(1);
    const associatedData = utf8("for you");
    const sealed = seal({ key, associatedData, plaintext: utf8("share") });
    const refusedWith = (input: Parameters<typeof open>[0]): string | null => {
      const opened = open(input);
      return opened.kind === "refused" ? opened.refusal.code : null;
    };
    for (let bit = 0; bit < 8 * sealed.length; bit++) {
      const flipped = Uint8Array.from(sealed);
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      expect(refusedWith({ key, associatedData, sealed: flipped })).toBe("not-authentic");
    }
    for (let length = 0; length < sealed.length; length++) {
      expect(refusedWith({ key, associatedData, sealed: sealed.subarray(0, length) })).toBe("not-authentic");
    }
    expect(refusedWith({ key, associatedData: utf8("for him"), sealed })).toBe("not-authentic");
    expect(refusedWith({ key: new Uint8Array(32), associatedData, sealed })).toBe("not-authentic");
  });

  test("a key or nonce of another length is an error, to seal and to open", () => {
    const associatedData = new Uint8Array(0);
    const text = new Uint8Array(20);
    for (const wrong of [{ key: new Uint8Array(16) }, { key: new Uint8Array(32), nonce: new Uint8Array(8) }]) {
      expect(() => seal({ ...wrong, associatedData, plaintext: text })).toThrow(FlError);
      expect(() => open({ ...wrong, associatedData, sealed: text })).toThrow(FlError);
    }
  });
});

test("both providers seal to the same bytes, open each other's, and refuse the same", () => {
  fc.assert(
    fc.property(bytes32, bytes12, fc.uint8Array(), fc.uint8Array({ maxLength: 300 }), (key, nonce, associatedData, plaintext) => {
      const sealed = node.seal({ key, nonce, associatedData, plaintext });
      expect(portable.seal({ key, nonce, associatedData, plaintext })).toEqual(sealed);
      expect(portable.open({ key, nonce, associatedData, sealed })).toEqual(node.open({ key, nonce, associatedData, sealed }));
      sealed[plaintext.length]! ^= 1;
      for (const bad of [sealed, sealed.subarray(1), sealed.subarray(0, 15)]) {
        const refusal = node.open({ key, nonce, associatedData, sealed: bad });
        expect(refusal.kind).toBe("refused");
        expect(portable.open({ key, nonce, associatedData, sealed: bad })).toEqual(refusal);
      }
    }),
  );
});
