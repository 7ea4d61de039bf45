import { type ClientId, parseClientId } from "@sotto/base";
import { ed25519Signer, sha256Digest, type Verifier } from "@sotto/crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { signAdvert } from "./advert.ts";
import { bundleTree } from "./bundle.ts";
import { type Evidence, type FalseSeed, type FalseShare, type InconsistentShares, type ProvenReveal, verifyEvidence } from "./evidence.ts";
import { signHeaderContent } from "./header.ts";
import { heldTree } from "./held-shares.ts";
import { merklePath, merkleRoot } from "./merkle.ts";
import type { RevealedShare } from "./messages.ts";
import { codeOf, seedOf, value } from "./session-fixture.ts";
import { doctored } from "./testing/doctored.ts";
import { honestEvidence } from "./testing/honest-evidence.ts";
import { honestSharing, liarFixture, lies } from "./testing/liars.ts";
import { signedReveal } from "./testing/signing.ts";

const { enrolled, verifierOf: verifierOfKey } = liarFixture.rule;
const stranger = parseClientId("stranger");

function verifierOf(client: ClientId): Verifier | null {
  const key = enrolled.verificationKey(client);
  return key === null ? null : verifierOfKey!(key);
}

/** The evidence of a lie. */
function evidenceOf(name: string): Evidence {
  return lies.find((lie) => lie.name === name)!.find()!;
}

/** What a text in evidence could be instead: another client, another label, the other kind of share. The kind of evidence says which fields there are. */
function otherTexts(text: string): readonly string[] {
  const sets: readonly (readonly string[])[] = [
    [...liarFixture.clients.map(({ id }) => id), stranger],
    ["adv", "shr", "msk", "con", "rev"],
    ["self", "mask"],
  ];
  return (sets.find((set) => set.includes(text)) ?? []).filter((other) => other !== text);
}

/** Changes after which the evidence says the same: the shares are a set, and no tree says how many leaves it has, only each leaf's way to the root. */
const meansTheSame = /^shares \[\d+\] and its neighbour swapped$|leafCount = \d+$/;

test.each(lies)(
  "evidence that a client signed $name convicts it, and nothing else it could be changed to convicts anybody",
  ({ liar, find }) => {
    const evidence = find()!;
    const accused = liarFixture.clients[liar]!.id;
    expect(value(verifyEvidence(evidence, verifierOf))).toBe(accused);
    const changes = doctored(evidence, otherTexts);
    expect(changes.length).toBeGreaterThan(30);
    for (const { what, value: changed } of changes) {
      const outcome = verifyEvidence(changed, verifierOf);
      if (meansTheSame.test(what) && outcome.kind === "ok") expect(outcome.value, what).toBe(accused);
      else expect(["not-enrolled", "bad-signature", "not-proven"], what).toContain(codeOf(outcome));
    }
  },
);

test("the order of the two statements, and of the shares, says nothing", () => {
  const two = evidenceOf("two headers") as Extract<Evidence, { kind: "equivocation" }>;
  expect(verifyEvidence({ ...two, first: two.second, second: two.first }, verifierOf).kind).toBe("ok");
  const shares = evidenceOf("mask shares of another key than it advertised") as InconsistentShares;
  expect(verifyEvidence({ ...shares, shares: shares.shares.toReversed() }, verifierOf).kind).toBe("ok");
});

test("evidence against somebody who is not enrolled is refused, whatever it holds", () => {
  expect(codeOf(verifyEvidence({ ...evidenceOf("two headers"), accused: stranger }, verifierOf))).toBe("not-enrolled");
  expect(codeOf(verifyEvidence(evidenceOf("two headers"), () => null))).toBe("not-enrolled");
});

test("evidence names its accused: the same statements accuse nobody else", () => {
  for (const { liar, find } of lies) {
    const evidence = find()!;
    for (const [index, { id }] of liarFixture.clients.entries()) {
      const code = codeOf(verifyEvidence({ ...evidence, accused: id }, verifierOf));
      expect(code).toBe(index === liar ? null : "bad-signature");
    }
  }
});

test("one statement twice is no contradiction", () => {
  const two = evidenceOf("two reveals") as Extract<Evidence, { kind: "equivocation" }>;
  expect(codeOf(verifyEvidence({ ...two, second: two.first }, verifierOf))).toBe("not-proven");
});

test("a statement of another session is no statement of this one", () => {
  for (const { find } of lies) {
    const evidence = find()!;
    expect(codeOf(verifyEvidence({ ...evidence, contextDigest: seedOf("context", 1) }, verifierOf))).toBe("bad-signature");
  }
});

test("fewer shares than the dealer's threshold, or more, prove nothing", () => {
  for (const name of ["self shares of another seed than it committed to", "mask shares of another key than it advertised"]) {
    const evidence = evidenceOf(name) as InconsistentShares;
    expect(evidence.shares.length).toBe(evidence.bundle.threshold);
    for (let count = 0; count < evidence.shares.length; count++) {
      expect(codeOf(verifyEvidence({ ...evidence, shares: evidence.shares.slice(0, count) }, verifierOf))).toBe("not-proven");
    }
    const more = [...evidence.shares, evidence.shares[0]!];
    expect(codeOf(verifyEvidence({ ...evidence, shares: more }, verifierOf))).toBe("not-proven");
  }
});

test("a share counted twice, at one place or at two that the tree does not have, proves nothing", () => {
  const evidence = evidenceOf("mask shares of another key than it advertised") as InconsistentShares;
  const [first] = evidence.shares;
  expect(codeOf(verifyEvidence({ ...evidence, shares: evidence.shares.with(1, first!) }, verifierOf))).toBe("not-proven");
  for (const position of [first!.position + 8, first!.position + 6, 0.5]) {
    const twice = evidence.shares.with(1, { ...first!, position, leafCount: 1000 });
    expect(codeOf(verifyEvidence({ ...evidence, shares: twice }, verifierOf))).toBe("not-proven");
  }
});

test("an advert in another client's name is no advert of the accused, though it signed it", () => {
  const evidence = evidenceOf("mask shares of another key than it advertised") as InconsistentShares;
  const { id, identity } = liarFixture.clients[6]!;
  expect(evidence.accused).toBe(id);
  const advert = signAdvert(
    evidence.contextDigest,
    { ...evidence.advert, client: liarFixture.clients[5]!.id },
    ed25519Signer(identity.secretKey),
  );
  expect(codeOf(verifyEvidence({ ...evidence, advert }, verifierOf))).toBe("bad-signature");
});

test("a client's own seed is no share: it is held against its digest alone, and under no other kind", () => {
  const seed = evidenceOf("another self seed than it committed to") as FalseSeed;
  const { seat } = honestSharing.states[2]!;
  const { contextDigest, bundle, accused } = seed;
  const { survivorsDigest } = seed.reveal;
  /** One share alone, signed by the client. */
  const reveal = (revealed: RevealedShare): ProvenReveal => {
    const { signature } = signedReveal(seat, survivorsDigest, [revealed]);
    return { survivorsDigest, signature, revealed, position: 0, leafCount: 1, path: [] };
  };
  const otherKind = reveal({ owner: 2, kind: "mask", share: seedOf("lie", 0) });
  expect(codeOf(verifyEvidence({ ...seed, reveal: otherKind }, verifierOf))).toBe("not-proven");
  // A header that says its sender holds a share of itself makes its honest seed no lie.
  const { leaves, envelopes } = honestSharing.bundles[2]!;
  const leaf = leaves[0]!;
  const tree = heldTree(2, [{ place: { dealer: 2, holder: 2, coordinate: 1 }, leaf }]);
  const dealersDigest = seedOf("dealers", 0);
  const content = { contributionDigest: sha256Digest(leaf), complaints: [], heldRoot: merkleRoot(tree) };
  const ownShare: FalseShare = {
    kind: "false-share",
    contextDigest,
    accused,
    dealer: accused,
    bundle,
    dealt: { position: 0, leafCount: 6, path: merklePath(bundleTree({ leaves, envelopes }), 0), leaf, envelope: new Uint8Array(0) },
    holder: 2,
    header: { ...signHeaderContent({ contextDigest, dealersDigest }, content, seat.sign), dealersDigest },
    held: { position: 0, leafCount: 2, path: merklePath(tree, 0) },
    reveal: reveal({ owner: 2, kind: "self", share: seat.selfSeed }),
  };
  expect(codeOf(verifyEvidence(ownShare, verifierOf))).toBe("not-proven");
});

test("evidence put together from honest clients' messages convicts nobody, whichever sessions, clients and places they are from", {
  timeout: 60_000,
}, () => {
  const codes = new Map<string | null, number>();
  fc.assert(
    fc.property(honestEvidence, (evidence) => {
      const code = codeOf(verifyEvidence(evidence, verifierOf));
      codes.set(`${evidence.kind} ${code}`, (codes.get(`${evidence.kind} ${code}`) ?? 0) + 1);
      expect(["bad-signature", "not-proven"]).toContain(code);
    }),
    { numRuns: 2000, seed: 1 },
  );
  // The seed is fixed, so that this stays a test of something: of each kind many fit together in all but the lie.
  for (const kind of ["equivocation", "false-seed", "false-share", "inconsistent-shares"]) {
    expect(codes.get(`${kind} not-proven`)).toBeGreaterThan(50);
    expect(codes.get(`${kind} bad-signature`)).toBeGreaterThan(50);
  }
});
