import { ed25519 as noble } from "@noble/curves/ed25519.js";
import { FlError, fromHex, toHex } from "@sotto/base";
import fc from "fast-check";
import nacl from "tweetnacl";
import { expect, test } from "vitest";
import { ed25519KeyPair, ed25519Sign, ed25519Verify } from "./ed25519.ts";

const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });

test.each([
  {
    name: "test 1",
    secretKey: "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
    publicKey: "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    message: "",
    signature:
      "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
  },
  {
    name: "test 2",
    secretKey: "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
    publicKey: "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
    message: "72",
    signature:
      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
  },
  {
    name: "test 3",
    secretKey: "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
    publicKey: "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
    message: "af82",
    signature:
      "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
  },
])("Ed25519 gives the answer of RFC 8032 §7.1 $name", ({ secretKey, publicKey, message, signature }) => {
  expect(toHex(ed25519KeyPair(fromHex(secretKey)).publicKey)).toBe(publicKey);
  expect(toHex(ed25519Sign(fromHex(secretKey), fromHex(message)))).toBe(signature);
  expect(ed25519Verify(fromHex(publicKey), fromHex(message), fromHex(signature))).toBe(true);
});

test("keys and signatures equal those of noble and tweetnacl", () => {
  fc.assert(
    fc.property(bytes32, fc.uint8Array({ maxLength: 200 }), (seed, message) => {
      const pair = ed25519KeyPair(seed);
      const other = nacl.sign.keyPair.fromSeed(seed);
      expect(pair.publicKey).toEqual(other.publicKey);
      expect(pair.publicKey).toEqual(noble.getPublicKey(seed));
      const signature = ed25519Sign(seed, message);
      expect(signature).toEqual(nacl.sign.detached(message, other.secretKey));
      expect(signature).toEqual(noble.sign(message, seed));
      expect(ed25519Verify(pair.publicKey, message, signature)).toBe(true);
    }),
    { numRuns: 20 },
  );
});

test("a signature with any one bit flipped, or of another message or key, is not good", () => {
  const { publicKey, secretKey } = ed25519KeyPair(new Uint8Array(32).fill(3));
  const message = fromHex("0102");
  const signature = ed25519Sign(secretKey, message);
  for (let bit = 0; bit < 512; bit++) {
    const flipped = Uint8Array.from(signature);
    flipped[bit >> 3]! ^= 1 << (bit & 7);
    expect(ed25519Verify(publicKey, message, flipped)).toBe(false);
  }
  expect(ed25519Verify(publicKey, fromHex("0103"), signature)).toBe(false);
  expect(ed25519Verify(ed25519KeyPair(new Uint8Array(32).fill(4)).publicKey, message, signature)).toBe(false);
});

test("whatever a peer sends as key or signature is answered, not thrown", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 31 }), fc.uint8Array({ maxLength: 70 }), (publicKey, signature) => {
      expect(ed25519Verify(publicKey, new Uint8Array(1), signature)).toBe(false);
    }),
  );
  fc.assert(
    fc.property(bytes32, fc.uint8Array({ minLength: 64, maxLength: 64 }), (publicKey, signature) => {
      expect(typeof ed25519Verify(publicKey, new Uint8Array(1), signature)).toBe("boolean");
    }),
  );
});

test("a secret key of another length is an error", () => {
  expect(() => ed25519Sign(new Uint8Array(64), new Uint8Array(1))).toThrow(FlError);
});
