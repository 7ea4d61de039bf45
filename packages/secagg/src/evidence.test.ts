import { type ClientId, parseClientId } from "@sotto/base";
import type { Verifier } from "@sotto/crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Evidence, type InconsistentShares, verifyEvidence } from "./evidence.ts";
import { codeOf, seedOf, value } from "./session-fixture.ts";
import { doctored } from "./testing/doctored.ts";
import { honestEvidence } from "./testing/honest-evidence.ts";
import { liarFixture, lies } from "./testing/liars.ts";

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

test("a share counted twice at two places of the tree proves nothing", () => {
  const evidence = evidenceOf("mask shares of another key than it advertised") as InconsistentShares;
  const [first] = evidence.shares;
  for (const position of [first!.position + 8, first!.position + 6, 0.5]) {
    const twice = evidence.shares.with(1, { ...first!, position, leafCount: 1000 });
    expect(codeOf(verifyEvidence({ ...evidence, shares: twice }, verifierOf))).toBe("not-proven");
  }
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
