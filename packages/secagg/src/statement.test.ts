import { digestFromBytes, fromHex, parseClientId, toHex } from "@sotto/base";
import { ed25519KeyPair, ed25519Signer, ed25519Verifier, sha256 } from "@sotto/crypto";
import { expect, test } from "vitest";
import { advertStatement } from "./advert.ts";
import { attestationStatement } from "./attestation.ts";
import { bundleStatement, bundleTree, holdersDigest } from "./bundle.ts";
import { headerStatement } from "./header.ts";
import { heldRoot } from "./held-shares.ts";
import { merkleRoot } from "./merkle.ts";
import type { RevealedShare } from "./messages.ts";
import { revealRoot, revealStatement } from "./reveal.ts";
import { seedOf } from "./session-fixture.ts";
import { type Statement, signStatement, statementBytes, verifyStatement } from "./statement.ts";

// The answers of an independent model in Python (hashlib and struct), for the context digest of context.test.ts.
const contextDigest = fromHex("66dc2e93707de8176ce8025c6db81abc4ce6128baf4d0f2e14467608a30c228d");
const filled = (byte: number, sizeBytes = 32): Uint8Array => new Uint8Array(sizeBytes).fill(byte);
const hashOf = (statement: Statement): string => toHex(sha256(statementBytes(contextDigest, statement)));

const leaves = [filled(10, 64), filled(11, 64), filled(12, 64)];
const bundleRoot = merkleRoot(bundleTree({ leaves, envelopes: [filled(20, 80), filled(21, 80)] }));
const held = [
  { place: { dealer: 0, holder: 4, coordinate: 3 }, leaf: leaves[0]! },
  { place: { dealer: 2, holder: 4, coordinate: 1 }, leaf: leaves[1]! },
];
const shares: readonly RevealedShare[] = [
  { owner: 0, kind: "self", share: filled(1) },
  { owner: 3, kind: "mask", share: filled(2) },
  { owner: 4, kind: "self", share: filled(3) },
];

/** One of each kind, about the same bytes where they can be. */
const statements = {
  advert: advertStatement({ client: parseClientId("client-a"), maskKey: filled(1), envelopeKey: filled(2) }),
  bundle: bundleStatement({
    cohortDigest: filled(7),
    dealer: 3,
    threshold: 2,
    holdersDigest: filled(8),
    selfSeedDigest: filled(9),
    root: bundleRoot,
  }),
  header: headerStatement(filled(7), {
    contributionDigest: digestFromBytes(filled(0xab)),
    complaints: [1, 3],
    heldRoot: heldRoot(4, held),
  }),
  attestation: attestationStatement(filled(7)),
  reveal: revealStatement(filled(7), revealRoot(shares)),
};

test("the bytes of each kind of statement equal those of an independent model in Python", () => {
  expect(Object.fromEntries(Object.entries(statements).map(([name, statement]) => [name, hashOf(statement)]))).toEqual({
    advert: "bf49dc774922ad3ba34aac79c0e8b572ab3eb630739719e2cfab682ac5d66141",
    bundle: "588be55605f72fe60a098d28b9b8617edd9f624589211c1b86c522329d7d83cb",
    header: "8a02605c1c0f356f8a8791310faa0b3aaa3a39092099638922f014713029ca8f",
    attestation: "c9acd85b065207239d4db8d1766087e436a2c6f42e87b7e9cd1d5ff0a1eabd41",
    reveal: "2b0fa39edd06210a5b770b1eab5365e61040c19074f9a77c1d0695777c562aab",
  });
});

test("the roots over dealt, held and revealed shares, and the digest of holders, equal those of an independent model in Python", () => {
  expect(toHex(bundleRoot)).toBe("0576e4df68df588cf5c3ee003a691f3f5f2ba7c2fa936853e4c272876dff8ac7");
  expect(toHex(heldRoot(4, held))).toBe("bfa7529ea85ab9886bf598cb1405e30c5dfd44a39483ddb4fd7cec2edbd85a31");
  expect(toHex(revealRoot(shares))).toBe("6d251bca7bd54a1631ac2c626a20a7025cf42cd2c10bc8e7aa1500f68aa9280d");
  expect(toHex(holdersDigest([0, 2, 700]))).toBe("24733e63a79cbfe1968b5fb8bd664a0b382298acd5387c962fac99e70f4ad251");
});

test("two holders of the same leaves, or of none, do not sign the same root", () => {
  expect(heldRoot(4, [])).not.toEqual(heldRoot(5, []));
  expect(heldRoot(4, held)).not.toEqual(heldRoot(5, held));
});

test("held leaves out of order are a bug", () => {
  expect(() => heldRoot(4, held.toReversed())).toThrow("held leaves ascend by dealer");
});

test("a signature holds for its statement, its session and its signer alone", () => {
  const { secretKey, publicKey } = ed25519KeyPair(seedOf("identity", 0));
  const verify = ed25519Verifier(publicKey);
  const other = ed25519Verifier(ed25519KeyPair(seedOf("identity", 1)).publicKey);
  for (const statement of Object.values(statements)) {
    const signature = signStatement(contextDigest, statement, ed25519Signer(secretKey));
    expect(verifyStatement(contextDigest, { ...statement, signature }, verify)).toBe(true);
    expect(verifyStatement(filled(5), { ...statement, signature }, verify)).toBe(false);
    expect(verifyStatement(contextDigest, { ...statement, signature }, other)).toBe(false);
    expect(verifyStatement(contextDigest, { ...statement, fields: [...statement.fields, new Uint8Array(0)], signature }, verify)).toBe(
      false,
    );
    for (const label of ["adv", "shr", "msk", "con", "rev"] as const) {
      expect(verifyStatement(contextDigest, { ...statement, label, signature }, verify)).toBe(label === statement.label);
    }
  }
});
