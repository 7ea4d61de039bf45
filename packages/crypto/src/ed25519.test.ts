import { createHash } from "node:crypto";
import { ed25519 as noble } from "@noble/curves/ed25519.js";
import { concatBytes, FlError, fromHex, toHex } from "@sotto/base";
import fc from "fast-check";
import nacl from "tweetnacl";
import { describe, expect, test } from "vitest";
import { faces, node, portable } from "./testing/faces.ts";

const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });

describe.each(faces)("with $provider", ({ face }) => {
  const { ed25519KeyPair, ed25519Sign, ed25519Signer, ed25519Verifier, ed25519Verify } = face;

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
    {
      name: "test SHA(abc)",
      secretKey: "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
      publicKey: "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
      message:
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
      signature:
        "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704",
    },
  ])("Ed25519 gives the answer of RFC 8032 §7.1 $name", ({ secretKey, publicKey, message, signature }) => {
    expect(toHex(ed25519KeyPair(fromHex(secretKey)).publicKey)).toBe(publicKey);
    expect(toHex(ed25519Sign(fromHex(secretKey), fromHex(message)))).toBe(signature);
    expect(ed25519Verify(fromHex(publicKey), fromHex(message), fromHex(signature))).toBe(true);
  });

  test("a signer and a verifier do the same for every message, and outlive the caller's wiping", () => {
    const { publicKey, secretKey } = ed25519KeyPair(new Uint8Array(32).fill(5));
    const messages = ["", "00", "0001"].map(fromHex);
    const alone = messages.map((message) => ed25519Sign(secretKey, message));
    const sign = ed25519Signer(secretKey);
    const isGood = ed25519Verifier(publicKey);
    secretKey.fill(0);
    publicKey.fill(0);
    expect(messages.map(sign)).toEqual(alone);
    expect(messages.map((message, i) => isGood(message, alone[i]!))).toEqual([true, true, true]);
    expect(messages.map((message) => isGood(message, alone[1]!))).toEqual([false, true, false]);
  });

  test("a signature with any one byte changed, or of another message or key, is not good", () => {
    const { publicKey, secretKey } = ed25519KeyPair(new Uint8Array(32).fill(3));
    const message = fromHex("0102");
    const signature = ed25519Sign(secretKey, message);
    for (let i = 0; i < 64; i++) {
      const changed = Uint8Array.from(signature);
      changed[i]! ^= 1 << (i & 7);
      expect(ed25519Verify(publicKey, message, changed)).toBe(false);
    }
    expect(ed25519Verify(publicKey, fromHex("0103"), signature)).toBe(false);
    expect(ed25519Verify(ed25519KeyPair(new Uint8Array(32).fill(4)).publicKey, message, signature)).toBe(false);
  });

  test("whatever a peer sends as key or signature is answered, not thrown", () => {
    const message = new Uint8Array(1);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70 }), fc.uint8Array({ maxLength: 70 }), (publicKey, signature) => {
        fc.pre(publicKey.length !== 32 || signature.length !== 64);
        expect(ed25519Verify(publicKey, message, signature)).toBe(false);
        expect(ed25519Verifier(publicKey)(message, signature)).toBe(false);
      }),
    );
    fc.assert(
      fc.property(bytes32, fc.uint8Array({ minLength: 64, maxLength: 64 }), (publicKey, signature) => {
        expect(ed25519Verify(publicKey, message, signature)).toBe(false); // good with chance 2^-252
      }),
      { numRuns: 20 },
    );
  });

  test("a secret key of another length is an error", () => {
    expect(() => ed25519Sign(new Uint8Array(64), new Uint8Array(1))).toThrow(FlError);
    expect(() => ed25519Signer(new Uint8Array(31))).toThrow(FlError);
    expect(() => ed25519KeyPair(new Uint8Array(33))).toThrow(FlError);
  });
});

test("both providers and noble give the same keys and signatures, and find them good", () => {
  fc.assert(
    fc.property(bytes32, fc.uint8Array({ maxLength: 200 }), (seed, message) => {
      const pair = node.ed25519KeyPair(seed);
      expect(portable.ed25519KeyPair(seed)).toEqual(pair);
      expect(noble.getPublicKey(seed)).toEqual(pair.publicKey);
      const signature = node.ed25519Sign(seed, message);
      expect(portable.ed25519Sign(seed, message)).toEqual(signature);
      expect(noble.sign(message, seed)).toEqual(signature);
      expect(node.ed25519Verify(pair.publicKey, message, signature)).toBe(true);
      expect(portable.ed25519Verify(pair.publicKey, message, signature)).toBe(true);
    }),
    { numRuns: 20 },
  );
});

/** The order of the group, RFC 8032 §5.1. */
const order = 2n ** 252n + 27742317777372353535851937790883648493n;
const prime = 2n ** 255n - 19n;
const { BASE: base, ZERO: zero } = noble.Point;
const eighth = noble.Point.fromBytes(fromHex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"));
/** The eight points of small order: multiples of one of order 8. */
const torsion = [0n, 1n, 2n, 3n, 4n, 5n, 6n, 7n].map((times) => eighth.multiplyUnsafe(times));

/** Every encoding of a point of small order: canonical, of y above p, and of x = 0 with the sign set. */
const smallOrder = [
  ...torsion.map((point) => point.toBytes()),
  ...[1n + 2n ** 255n, prime - 1n + 2n ** 255n, prime, prime + 1n, prime + 2n ** 255n, prime + 1n + 2n ** 255n].map(toLittleEndian),
];

/** A signature made by hand, for keys and an R that no honest signer has: S = r + k a, RFC 8032 §5.1.6. */
function signByHand(input: {
  readonly scalar: bigint;
  readonly publicKey: Uint8Array;
  readonly r: bigint;
  readonly encodedR: Uint8Array;
  readonly message: Uint8Array;
}): { readonly signature: Uint8Array; readonly k: bigint } {
  const hash = createHash("sha512").update(input.encodedR).update(input.publicKey).update(input.message).digest();
  const k = fromLittleEndian(hash) % order;
  return { signature: concatBytes(input.encodedR, toLittleEndian((input.r + k * input.scalar) % order)), k };
}

test("S and S plus the order are one signature, and only the first is good", () => {
  fc.assert(
    fc.property(bytes32, fc.uint8Array({ maxLength: 20 }), (seed, message) => {
      const { publicKey } = node.ed25519KeyPair(seed);
      const signature = node.ed25519Sign(seed, message);
      const s = fromLittleEndian(signature.subarray(32));
      // S + 8 L still fits 256 bits, and has the topmost set: every bit of S is looked at.
      for (const times of [1n, 2n, 8n]) {
        const second = Uint8Array.from(signature);
        second.set(toLittleEndian(s + times * order), 32);
        expect([node, portable].map((face) => face.ed25519Verify(publicKey, message, second))).toEqual([false, false]);
      }
    }),
    { numRuns: 5 },
  );
});

test("without the order's check, tweetnacl would take S plus the order", () => {
  const { publicKey, secretKey } = nacl.sign.keyPair.fromSeed(new Uint8Array(32));
  const signature = nacl.sign.detached(new Uint8Array(1), secretKey);
  signature.set(toLittleEndian(fromLittleEndian(signature.subarray(32)) + order), 32);
  expect(nacl.sign.detached.verify(new Uint8Array(1), signature, publicKey)).toBe(true);
});

test.each(faces)("a key of small order verifies nothing with $provider, though for some messages the equation holds", ({ face }) => {
  const encodedR = base.multiply(5n).toBytes();
  for (const publicKey of smallOrder) {
    const isGood = face.ed25519Verifier(publicKey);
    for (let i = 0; i < 16; i++) {
      const message = Uint8Array.of(i);
      // S = r: holds where k times the key is the identity, for one message in eight or more.
      const { signature } = signByHand({ scalar: 0n, publicKey, r: 5n, encodedR, message });
      expect(isGood(message, signature)).toBe(false);
    }
  }
});

test.each(faces)("an R of small order verifies nothing with $provider, though the equation holds", ({ face }) => {
  const { scalar, pointBytes } = noble.utils.getExtendedPublicKey(new Uint8Array(32).fill(9));
  for (const encodedR of smallOrder) {
    const { signature } = signByHand({ scalar, publicKey: pointBytes, r: 0n, encodedR, message: new Uint8Array(1) });
    expect(face.ed25519Verify(pointBytes, new Uint8Array(1), signature)).toBe(false);
  }
});

test("under keys and with an R of mixed order, both providers judge by the equation without the cofactor", () => {
  const { scalar, point } = noble.utils.getExtendedPublicKey(new Uint8Array(32).fill(9));
  const verdicts = new Set<boolean>();
  for (const [i, keyTorsion] of torsion.entries()) {
    for (const rTorsion of [zero, torsion[(3 * i) % 8]!]) {
      const publicKey = point.add(keyTorsion).toBytes();
      const encodedR = base
        .multiply(BigInt(i) + 1n)
        .add(rTorsion)
        .toBytes();
      const message = Uint8Array.of(i);
      const { signature, k } = signByHand({ scalar, publicKey, r: BigInt(i) + 1n, encodedR, message });
      // S B = R + k A, of which the parts of prime order are equal: what is left of it is the part of small order.
      const holds = rTorsion.add(keyTorsion.multiplyUnsafe(k % 8n)).equals(zero);
      verdicts.add(holds);
      expect([i, node.ed25519Verify(publicKey, message, signature)]).toEqual([i, holds]);
      expect([i, portable.ed25519Verify(publicKey, message, signature)]).toEqual([i, holds]);
    }
  }
  expect(verdicts.size).toBe(2);
});

function fromLittleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => value * 256n + BigInt(byte), 0n);
}

/** 32 bytes. */
function toLittleEndian(value: bigint): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * i)) & 255n));
}
