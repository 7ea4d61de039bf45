import { parseClientId, parseSessionNumber, toHex } from "@sotto/base";
import { ed25519KeyPair, ed25519Signer } from "@sotto/crypto";
import { expect, test } from "vitest";
import { signAdvert } from "../advert.ts";
import { contextDigest } from "../context.ts";
import { selfSeedDigest } from "../key-schedule.ts";
import type { Advert, SessionContext, ShareBundle } from "../messages.ts";
import { codeOf, createFixture, keyingStage, seedOf, sessionContext, value } from "../session-fixture.ts";
import { flipped, signedBundle } from "../testing/signing.ts";
import { type ShareKeysInput, shareKeys } from "./sharing.ts";
import { secretsOf } from "./state.ts";

const fixture = createFixture({ clientCount: 5, tolerance: { gamma: 0, delta: 0.4 } });
const { adverts, states } = keyingStage(fixture);
const own = 1;

function refusalOf(changes: Partial<ShareKeysInput>): string | null {
  return codeOf(shareKeys(states[own]!, { ...fixture.rule, adverts, seed: seedOf("share", own), ...changes }));
}

/** The adverts with client 3's replaced. */
function withThird(advert: Advert): readonly Advert[] {
  return adverts.with(3, advert);
}

/** An advert that client `number` signs itself, over whatever keys and context. */
function signedBy(
  number: number,
  keys: Partial<Pick<Advert, "maskKey" | "envelopeKey">>,
  context: SessionContext = sessionContext,
): Advert {
  const { id, identity } = fixture.clients[number]!;
  const { maskKey, envelopeKey } = adverts[number]!;
  return signAdvert(contextDigest(context), { client: id, maskKey, envelopeKey, ...keys }, ed25519Signer(identity.secretKey));
}

test("an honest cohort is dealt a leaf a holder, and an envelope for each holder that does not derive its shares", () => {
  const { bundle, state, consumed } = value(shareKeys(states[own]!, { ...fixture.rule, adverts, seed: seedOf("share", own) }));
  const { cohort, selfSeed } = state.seat;
  expect(cohort.parameters.threshold).toBe(2);
  expect(bundle.holders).toEqual([0, 2, 3, 4]);
  expect(bundle.leaves.map((leaf) => leaf.length)).toEqual([64, 64, 64, 64]);
  expect(bundle.envelopes.map((envelope) => envelope.length)).toEqual([80, 80, 80]);
  expect(bundle.selfSeedDigest).toEqual(selfSeedDigest(cohort.contextDigest, selfSeed));
  expect(consumed).toEqual([seedOf("share", own)]);
  // Both pairs stay: a dealer that this client did not pick may have picked it.
  expect(secretsOf(state).length).toBe(1 + 2 + 2 * 4);
});

test("a bundle is signed by its dealer over the cohort, its threshold, holders, seed, leaves and envelopes", () => {
  const { bundle, state } = value(shareKeys(states[own]!, { ...fixture.rule, adverts, seed: seedOf("share", own) }));
  const { signature, ...unsigned } = bundle;
  expect(signedBundle(state.seat, unsigned)).toEqual({ ...bundle, signature });
  const { cohort } = state.seat;
  const fewer = { ...cohort, parameters: { ...cohort.parameters, threshold: 3 } };
  for (const other of [
    { ...state.seat, index: 2 },
    { ...state.seat, cohort: { ...cohort, digest: flipped(cohort.digest) } },
    { ...state.seat, cohort: fewer },
  ]) {
    expect(signedBundle(other, unsigned).signature).not.toEqual(signature);
  }
});

test("the same seed deals the same bundle; another seed deals other shares to all but the holders that derive theirs", () => {
  const dealt = (seed: number): ShareBundle =>
    value(shareKeys(states[own]!, { ...fixture.rule, adverts, seed: seedOf("share", seed) })).bundle;
  expect(dealt(0)).toEqual(dealt(0));
  const [first, second] = [dealt(0), dealt(1)];
  expect(first.selfSeedDigest).not.toEqual(second.selfSeedDigest);
  // The threshold is 2: only the first holder derives its shares, of the keys it agrees on with the dealer.
  expect(first.leaves.map((leaf, position) => toHex(leaf) === toHex(second.leaves[position]!))).toEqual([true, false, false, false]);
});

test("a cohort below the client's own floor is refused", () => {
  expect(refusalOf({ cohortSizeMin: 6 })).toBe("cohort-too-small");
});

test("a cohort that its tolerance leaves no quorum for is refused", () => {
  expect(refusalOf({ tolerance: { gamma: 0.4, delta: 0.4 } })).toBe("infeasible-cohort");
});

test("a cohort out of order, or with a client twice, is refused", () => {
  expect(refusalOf({ adverts: adverts.toReversed() })).toBe("cohort-not-sorted");
  expect(refusalOf({ adverts: [...adverts, adverts[4]!] })).toBe("cohort-not-sorted");
});

test("a cohort without the client itself is refused", () => {
  expect(refusalOf({ adverts: adverts.toSpliced(own, 1) })).toBe("self-missing");
});

test("an altered own advert is refused, though the client itself signed it", () => {
  const replay = signedBy(own, { maskKey: ed25519KeyPair(seedOf("other", 0)).publicKey });
  expect(refusalOf({ adverts: adverts.with(own, replay) })).toBe("own-advert-altered");
});

test("a key that the coordinator swapped is refused", () => {
  expect(refusalOf({ adverts: withThird({ ...adverts[3]!, maskKey: seedOf("swapped", 0) }) })).toBe("bad-signature");
  expect(refusalOf({ adverts: withThird({ ...adverts[3]!, envelopeKey: seedOf("swapped", 0) }) })).toBe("bad-signature");
});

test("an unsigned key is refused", () => {
  expect(refusalOf({ adverts: withThird({ ...adverts[3]!, signature: new Uint8Array(64) }) })).toBe("bad-signature");
  expect(refusalOf({ adverts: withThird({ ...adverts[3]!, signature: new Uint8Array(0) }) })).toBe("bad-signature");
});

test("an advert for another session, model or round is refused", () => {
  expect(refusalOf({ adverts: withThird(signedBy(3, {}, { ...sessionContext, session: parseSessionNumber(1) })) })).toBe("bad-signature");
  expect(refusalOf({ adverts: withThird(signedBy(3, {}, { ...sessionContext, modelDigest: sessionContext.planDigest })) })).toBe(
    "bad-signature",
  );
});

test("another client's advert under an enrolled name is refused", () => {
  expect(refusalOf({ adverts: withThird({ ...adverts[4]!, client: adverts[3]!.client }).slice(0, 4) })).toBe("bad-signature");
});

test("a client that is not enrolled is refused", () => {
  const stranger = parseClientId("client-0002x");
  const advert = signAdvert(
    contextDigest(sessionContext),
    { ...adverts[3]!, client: stranger },
    ed25519Signer(fixture.clients[3]!.identity.secretKey),
  );
  expect(refusalOf({ adverts: withThird(advert) })).toBe("not-enrolled");
});

test("a session key that appears twice is refused, across clients and within one", () => {
  expect(refusalOf({ adverts: withThird(signedBy(3, { maskKey: adverts[2]!.maskKey })) })).toBe("duplicate-key");
  expect(refusalOf({ adverts: withThird(signedBy(3, { envelopeKey: adverts[2]!.maskKey })) })).toBe("duplicate-key");
  expect(refusalOf({ adverts: withThird(signedBy(3, { envelopeKey: adverts[3]!.maskKey })) })).toBe("duplicate-key");
});

test("a low-order key is refused, though its owner signed it", () => {
  const lowOrder = Uint8Array.from({ length: 32 }, (_, i) => (i === 0 ? 1 : 0));
  expect(refusalOf({ adverts: withThird(signedBy(3, { maskKey: lowOrder })) })).toBe("weak-key");
  expect(refusalOf({ adverts: withThird(signedBy(3, { envelopeKey: lowOrder })) })).toBe("weak-key");
});

test("a session key of another length is refused", () => {
  expect(refusalOf({ adverts: withThird({ ...adverts[3]!, maskKey: new Uint8Array(31) }) })).toBe("malformed");
});
