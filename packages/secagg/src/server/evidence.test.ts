import { ed25519Signer, sha256Digest } from "@sotto/crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { signAdvert } from "../advert.ts";
import { verifyEvidence } from "../evidence.ts";
import { signHeaderContent } from "../header.ts";
import type { RevealedShare, ShareBundle } from "../messages.ts";
import {
  attestingStage,
  codeOf,
  collectingStage,
  createFixture,
  keyingStage,
  revealed,
  seedOf,
  sharingStage,
  unmaskingStage,
  value,
} from "../session-fixture.ts";
import { dropPlans } from "../testing/drop-plans.ts";
import { honestSharing, liarFixture, lies, played, withBundle } from "../testing/liars.ts";
import { flipped, signedBundle, signedReveal } from "../testing/signing.ts";
import { evidenceInAdvert, evidenceInHeader, evidenceInReveal, evidenceInSecrets, evidenceInShares } from "./evidence.ts";
import { receiveAdvert } from "./keying.ts";
import { canUnmask, receiveReveal } from "./revealing.ts";
import type { CollectingServer, KeyingServer, SharingServer, UnmaskingServer } from "./state.ts";
import { unmask } from "./unmasking.ts";

const kinds: Readonly<Record<string, string>> = {
  "two adverts": "equivocation",
  "two bundles": "equivocation",
  "two headers": "equivocation",
  "two reveals": "equivocation",
  "another self seed than it committed to": "false-seed",
  "another self share than it derived": "false-share",
  "another self share than it was sent": "false-share",
  "another mask share than it derived": "false-share",
  "another mask share than it was sent": "false-share",
  "self shares of another seed than it committed to": "inconsistent-shares",
  "mask shares of another key than it advertised": "inconsistent-shares",
};

test.each(lies)("a client that signs $name is found by the coordinator, and convicted by its own signatures", ({ name, liar, find }) => {
  const evidence = find();
  const { id } = liarFixture.clients[liar]!;
  expect(evidence).toMatchObject({ kind: kinds[name], accused: id });
  expect(verifyEvidence(evidence!, verifierOf)).toEqual({ kind: "ok", value: id });
});

const { verifierOf: verifierOfKey, enrolled } = liarFixture.rule;

function verifierOf(client: Parameters<typeof enrolled.verificationKey>[0]): ReturnType<NonNullable<typeof verifierOfKey>> | null {
  const key = enrolled.verificationKey(client);
  return key === null ? null : verifierOfKey!(key);
}

test("a message that its sender did not sign convicts nobody: anybody could have made it up", () => {
  const { clients } = liarFixture;
  const keying = keyingStage(liarFixture);
  const withAdvert = value(receiveAdvert(keying.server, keying.adverts[2]!)).state;
  const forged = { ...keying.adverts[2]!, maskKey: keying.adverts[3]!.maskKey };
  expect(evidenceInAdvert(withAdvert, forged)).toBeNull();
  expect(
    evidenceInAdvert(withAdvert, signAdvert(withAdvert.contextDigest, forged, ed25519Signer(clients[3]!.identity.secretKey))),
  ).toBeNull();

  const done = played(honestSharing, [0, 1, 2, 3, 4, 5]);
  const [bundle, seats] = [honestSharing.bundles[2]!, honestSharing.states.map(({ seat }) => seat)];
  const sharing: SharingServer = { stage: "sharing", cohort: done.cohort, bundles: done.bundles };
  expect(evidenceInShares(sharing, 2, { ...bundle, selfSeedDigest: seedOf("lie", 0) })).toBeNull();
  expect(evidenceInShares(sharing, 2, signedBundle(seats[3]!, bundle))).toBeNull();

  const header = done.headers.get(2)!;
  const binding = { contextDigest: done.cohort.contextDigest, dealersDigest: done.dealersDigest };
  const other = { ...header, contributionDigest: sha256Digest(new Uint8Array(1)) };
  expect(evidenceInHeader(collectingOf(done), 2, other)).toBeNull();
  expect(evidenceInHeader(collectingOf(done), 2, signHeaderContent(binding, other, seats[3]!.sign))).toBeNull();

  const { shares, signature } = done.reveals.get(2)!.reveal;
  const lie = shares.with(0, { ...shares[0]!, share: flipped(shares[0]!.share) });
  const before: UnmaskingServer = { ...done, reveals: new Map() };
  for (const server of [done, before]) {
    expect(evidenceInReveal(server, 2, { shares: lie, signature })).toBeNull();
    expect(evidenceInReveal(server, 2, signedReveal(seats[3]!, done.survivorsDigest, lie))).toBeNull();
    expect(evidenceInReveal(server, 2, { shares: [], signature })).toBeNull();
  }
});

test("the same statement signed twice is no contradiction", () => {
  const keying = keyingStage(liarFixture);
  const server = value(receiveAdvert(keying.server, keying.adverts[2]!)).state;
  const again = signAdvert(server.contextDigest, keying.adverts[2]!, ed25519Signer(liarFixture.clients[2]!.identity.secretKey));
  expect(evidenceInAdvert(server, again)).toBeNull();
});

test("a bundle whose leaves and envelopes do not belong together convicts nobody, and does not stop the coordinator", () => {
  const done = played(honestSharing, [0]);
  const sharing: SharingServer = { stage: "sharing", cohort: done.cohort, bundles: done.bundles };
  const bundle = honestSharing.bundles[2]!;
  for (const changes of [{ leaves: [] }, { leaves: [], envelopes: [] }] satisfies Partial<ShareBundle>[]) {
    expect(evidenceInShares(sharing, 2, { ...bundle, ...changes })).toBeNull();
  }
});

test("a holder that complained of its dealer is not convicted of a false share, whatever it then reveals of that dealer", () => {
  const dealer = 0;
  const holder = 5;
  const { seat } = honestSharing.states[dealer]!;
  const bundle = honestSharing.bundles[dealer]!;
  const broken = signedBundle(seat, { ...bundle, envelopes: bundle.envelopes.with(1, flipped(bundle.envelopes[1]!)) });
  const server = played(withBundle(dealer, broken), [0, 1, 2, 3, 4]);
  expect(server.headers.get(holder)!.complaints).toEqual([dealer]);
  const made: readonly RevealedShare[] = [{ owner: dealer, kind: "self", share: new Uint8Array(32) }];
  const lie = signedReveal(honestSharing.states[holder]!.seat, server.survivorsDigest, made);
  expect(codeOf(receiveReveal(server, holder, lie))).toBe("secret-mismatch");
  expect(evidenceInReveal(server, holder, lie)).toBeNull();
});

test("a lie about one dealer convicts even a holder that complained of another", () => {
  const { seat } = honestSharing.states[0]!;
  const bundle = honestSharing.bundles[0]!;
  const broken = signedBundle(seat, { ...bundle, envelopes: bundle.envelopes.with(1, flipped(bundle.envelopes[1]!)) });
  const server = played(withBundle(0, broken), [0, 1, 2, 3, 4]);
  const made = (owner: number): RevealedShare => ({ owner, kind: "self", share: new Uint8Array(32) });
  // What it says of the dealer it complained of comes first, and convicts nobody.
  const lie = signedReveal(honestSharing.states[5]!.seat, server.survivorsDigest, [made(0), made(1)]);
  expect(codeOf(receiveReveal(server, 5, lie))).toBe("secret-mismatch");
  const evidence = evidenceInReveal(server, 5, lie);
  expect(evidence).toMatchObject({ kind: "false-share", dealer: liarFixture.clients[1]!.id });
  expect(value(verifyEvidence(evidence!, verifierOf))).toBe(liarFixture.clients[5]!.id);
});

test("shares of a lying dealer that are fewer than the threshold prove nothing yet", () => {
  const { seat } = honestSharing.states[3]!;
  const lying = withBundle(3, signedBundle(seat, { ...honestSharing.bundles[3]!, selfSeedDigest: seedOf("lie", 1) }));
  const few = played(lying, [0, 1, 2]);
  expect(canUnmask(few)).toBe(false);
  expect(evidenceInSecrets(few)).toBeNull();
  const enough = played(lying, [0, 1, 2, 4]);
  expect(codeOf(unmask(enough))).toBe("secret-mismatch");
  expect(evidenceInSecrets(enough)).toMatchObject({ kind: "inconsistent-shares", accused: liarFixture.clients[3]!.id });
});

test("a coordinator with every message of a random honest session, drops and all, finds nothing against anybody", {
  timeout: 60_000,
}, () => {
  const plans = fc.constantFrom(5, 6, 7).chain((clientCount) => dropPlans(clientCount, Math.floor(0.3 * clientCount)));
  fc.assert(
    fc.property(plans, ({ clientCount, dealers, survivors, signers, responders }) => {
      const fixture = createFixture({ clientCount, tolerance: { gamma: 0, delta: 0.3 } });
      const numbers = fixture.clients.map((_, number) => number);
      const keying = keyingStage(fixture);
      const sharing = value(sharingStage(keying, numbers));
      const collecting = value(collectingStage(sharing, dealers));
      const unmasking = value(unmaskingStage(value(attestingStage(collecting, survivors)), signers));
      const done = revealed(unmasking, responders);
      const opened: KeyingServer = keying.adverts.reduce((s, advert) => value(receiveAdvert(s, advert)).state, keying.server);
      const dealt: SharingServer = { stage: "sharing", cohort: done.cohort, bundles: done.bundles };
      for (const server of [keying.server, opened]) {
        for (const advert of keying.adverts) expect(evidenceInAdvert(server, advert)).toBeNull();
      }
      for (const server of [sharing.server, dealt]) {
        for (const bundle of sharing.bundles) for (const index of numbers) expect(evidenceInShares(server, index, bundle)).toBeNull();
      }
      for (const server of [collecting.server, collectingOf(done)]) {
        for (const { header } of collecting.submissions.values()) {
          for (const index of numbers) expect(evidenceInHeader(server, index, header)).toBeNull();
        }
      }
      for (const server of [unmasking.server, done]) {
        for (const reveal of unmasking.reveals.values()) {
          for (const index of signers) expect(evidenceInReveal(server, index, reveal)).toBeNull();
        }
        expect(evidenceInSecrets(server)).toBeNull();
      }
    }),
    { numRuns: 10 },
  );
});

/** The coordinator as it was with every header, before it closed S2. */
function collectingOf({ cohort, bundles, graph, dealers, dealersDigest, headers }: UnmaskingServer): CollectingServer {
  return { stage: "collecting", cohort, bundles, graph, dealers, dealersDigest, headers };
}
