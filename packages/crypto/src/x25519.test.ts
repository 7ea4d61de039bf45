import { FlError, fromHex, toHex } from "@sotto/base";
import fc from "fast-check";
import nacl from "tweetnacl";
import { describe, expect, test } from "vitest";
import { faces, node, portable } from "./testing/faces.ts";
import { createX25519 } from "./x25519.ts";

const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
const zero = new Uint8Array(32);

/** The points of small order of curve25519, those of order 1, 2, 4 and 8, their encodings above p, and one with the unused bit set. */
const lowOrder = [
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0100000000000000000000000000000000000000000000000000000000000000",
  "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
  "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "0000000000000000000000000000000000000000000000000000000000000080",
];

describe.each(faces)("with $provider", ({ face }) => {
  const { isWeakKey, x25519, x25519Agreement, x25519KeyPair } = face;

  /** The function of RFC 7748 §5: the public half of the pair plays no part. */
  function shared(secretKey: Uint8Array, peer: Uint8Array): Uint8Array {
    const agreed = x25519({ secretKey, publicKey: zero }, peer);
    if (agreed.kind === "refused") throw new Error(agreed.refusal.code);
    return agreed.value;
  }

  test.each([
    {
      scalar: "a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
      u: "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
      answer: "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552",
    },
    {
      scalar: "4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
      u: "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
      answer: "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957",
    },
  ])("X25519 gives the answer $answer of RFC 7748 §5.2", ({ scalar, u, answer }) => {
    expect(toHex(shared(fromHex(scalar), fromHex(u)))).toBe(answer);
  });

  test("X25519 applied to itself gives the answers of RFC 7748 §5.2 after 1 and 1000 times", () => {
    let scalar = fromHex("0900000000000000000000000000000000000000000000000000000000000000");
    let u = scalar;
    const answers = new Map<number, string>();
    for (let times = 1; times <= 1000; times++) {
      [scalar, u] = [shared(scalar, u), scalar];
      answers.set(times, toHex(scalar));
    }
    expect(answers.get(1)).toBe("422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079");
    expect(answers.get(1000)).toBe("684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51");
  });

  test("X25519 gives the keys and the shared secret of RFC 7748 §6.1", () => {
    const alice = x25519KeyPair(fromHex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"));
    const bob = x25519KeyPair(fromHex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"));
    expect(toHex(alice.publicKey)).toBe("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
    expect(toHex(bob.publicKey)).toBe("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
    const secret = fromHex("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
    expect(x25519(alice, bob.publicKey)).toEqual({ kind: "ok", value: secret });
    expect(x25519(bob, alice.publicKey)).toEqual({ kind: "ok", value: secret });
  });

  test("a public key that does not belong to the secret one is not noticed: the secret decides", () => {
    fc.assert(
      fc.property(bytes32, bytes32, bytes32, (secret, other, peerSecret) => {
        const pair = x25519KeyPair(secret);
        const peer = x25519KeyPair(peerSecret).publicKey;
        expect(x25519({ secretKey: secret, publicKey: other }, peer)).toEqual(x25519(pair, peer));
      }),
      { numRuns: 5 },
    );
  });

  test("an agreement with many peers gives each the secret that one by one they would get, and outlives the caller's wiping", () => {
    const pair = x25519KeyPair(new Uint8Array(32).fill(7));
    const peers = [1, 2, 3].map((byte) => x25519KeyPair(new Uint8Array(32).fill(byte)).publicKey);
    const alone = peers.map((peer) => x25519(pair, peer));
    const agree = x25519Agreement(pair);
    pair.secretKey.fill(0);
    expect(peers.map(agree)).toEqual(alone);
    expect(agree(zero).kind).toBe("refused");
    expect(agree(peers[0]!)).toEqual(alone[0]);
  });

  test.each(lowOrder)("the low-order key %s is refused as weak", (peer) => {
    const refusal = { kind: "refused", refusal: { code: "weak-key", message: "public key has low order" } };
    expect(x25519(x25519KeyPair(new Uint8Array(32).fill(9)), fromHex(peer))).toEqual(refusal);
    expect(isWeakKey(fromHex(peer))).toBe(true);
  });

  test("an ordinary public key is not weak", () => {
    fc.assert(
      fc.property(bytes32, (secret) => {
        expect(isWeakKey(x25519KeyPair(secret).publicKey)).toBe(false);
      }),
      { numRuns: 10 },
    );
  });

  test("a key of another length is an error, and a pair does not share its secret's memory", () => {
    const secret = new Uint8Array(32).fill(7);
    const pair = x25519KeyPair(secret);
    expect(() => x25519(pair, new Uint8Array(31))).toThrow(FlError);
    expect(() => x25519KeyPair(new Uint8Array(33))).toThrow(FlError);
    expect(() => isWeakKey(new Uint8Array(0))).toThrow(FlError);
    expect(() => x25519Agreement({ ...pair, secretKey: new Uint8Array(31) })).toThrow(FlError);
    expect(() => x25519Agreement({ ...pair, publicKey: new Uint8Array(33) })).toThrow(FlError);
    secret.fill(0);
    expect(pair.secretKey).toEqual(new Uint8Array(32).fill(7));
  });
});

test.each(lowOrder)("a library that answers zero for the key %s, as tweetnacl does, is not believed", (peer) => {
  const overNacl = createX25519({
    publicKeyOf: (secretKey) => nacl.scalarMult.base(secretKey),
    agreementOf: (pair) => (peerPublicKey) => nacl.scalarMult(pair.secretKey, peerPublicKey),
  });
  expect(overNacl.x25519(overNacl.x25519KeyPair(new Uint8Array(32).fill(9)), fromHex(peer)).kind).toBe("refused");
});

test("both providers and tweetnacl give the same keys, shared secrets and refusals", () => {
  const peers = fc.oneof({ weight: 5, arbitrary: bytes32 }, { weight: 1, arbitrary: fc.constantFrom(...lowOrder).map(fromHex) });
  fc.assert(
    fc.property(bytes32, peers, (secret, peer) => {
      const pair = node.x25519KeyPair(secret);
      expect(portable.x25519KeyPair(secret)).toEqual(pair);
      expect(nacl.scalarMult.base(secret)).toEqual(pair.publicKey);
      const agreed = node.x25519(pair, peer);
      expect(portable.x25519(pair, peer)).toEqual(agreed);
      expect(nacl.scalarMult(secret, peer)).toEqual(agreed.kind === "ok" ? agreed.value : zero);
      expect(portable.isWeakKey(peer)).toBe(node.isWeakKey(peer));
    }),
    { numRuns: 40 },
  );
});
