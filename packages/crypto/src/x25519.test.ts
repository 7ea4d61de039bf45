import { x25519 as noble } from "@noble/curves/ed25519.js";
import { FlError, fromHex, toHex } from "@sotto/base";
import fc from "fast-check";
import nacl from "tweetnacl";
import { expect, test } from "vitest";
import { isWeakKey, x25519, x25519KeyPair } from "./x25519.ts";

const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });

function sharedHex(secretHex: string, peerHex: string): string {
  const agreed = x25519(x25519KeyPair(fromHex(secretHex)), fromHex(peerHex));
  return agreed.kind === "ok" ? toHex(agreed.value) : agreed.refusal.code;
}

test("X25519 gives the answers of RFC 7748 §5.2", () => {
  expect(
    sharedHex(
      "a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
      "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
    ),
  ).toBe("c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552");
  expect(
    sharedHex(
      "4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
      "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
    ),
  ).toBe("95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957");
});

test("X25519 gives the keys and the shared secret of RFC 7748 §6.1", () => {
  const alice = x25519KeyPair(fromHex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"));
  const bob = x25519KeyPair(fromHex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"));
  const shared = "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742";
  expect(toHex(alice.publicKey)).toBe("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
  expect(toHex(bob.publicKey)).toBe("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
  expect(sharedHex(toHex(alice.secretKey), toHex(bob.publicKey))).toBe(shared);
  expect(sharedHex(toHex(bob.secretKey), toHex(alice.publicKey))).toBe(shared);
});

test("key pairs and shared secrets equal those of noble and tweetnacl", () => {
  fc.assert(
    fc.property(bytes32, bytes32, (secret, peer) => {
      const pair = x25519KeyPair(secret);
      expect(pair.publicKey).toEqual(noble.getPublicKey(secret));
      expect(pair.publicKey).toEqual(nacl.scalarMult.base(secret));
      const agreed = x25519(pair, peer);
      if (agreed.kind === "refused") {
        expect(() => noble.getSharedSecret(secret, peer)).toThrow();
        return;
      }
      expect(agreed.value).toEqual(noble.getSharedSecret(secret, peer));
      expect(agreed.value).toEqual(nacl.scalarMult(secret, peer));
    }),
    { numRuns: 30 },
  );
});

/** The points of small order of curve25519, those of order 1, 2, 4 and 8 and their encodings above p. */
const lowOrder = [
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0100000000000000000000000000000000000000000000000000000000000000",
  "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
  "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
];

test.each(lowOrder)("the low-order key %s is refused as weak", (peer) => {
  expect(sharedHex("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4", peer)).toBe("weak-key");
  expect(isWeakKey(fromHex(peer))).toBe(true);
});

test("an ordinary public key is not weak", () => {
  fc.assert(
    fc.property(bytes32, (secret) => {
      expect(isWeakKey(x25519KeyPair(secret).publicKey)).toBe(false);
    }),
    { numRuns: 20 },
  );
});

test("a key of another length is an error, and a pair does not share its secret's memory", () => {
  const secret = new Uint8Array(32).fill(7);
  const pair = x25519KeyPair(secret);
  expect(() => x25519(pair, new Uint8Array(31))).toThrow(FlError);
  expect(() => x25519KeyPair(new Uint8Array(33))).toThrow(FlError);
  secret.fill(0);
  expect(pair.secretKey).toEqual(new Uint8Array(32).fill(7));
});
