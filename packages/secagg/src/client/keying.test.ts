import { toHex, utf8 } from "@sotto/base";
import { ed25519Verify, transcript } from "@sotto/crypto";
import { expect, test } from "vitest";
import { contextDigest } from "../context.ts";
import { createFixture, seedOf, sessionContext } from "../session-fixture.ts";
import { advertise } from "./keying.ts";
import { secretsOf } from "./state.ts";

const { clients } = createFixture({ clientCount: 2, tolerance: { gamma: 0, delta: 0 } });
const [first] = clients;
const input = { context: sessionContext, client: first!.id, signingKey: first!.identity.secretKey, seed: seedOf("advertise", 0) };

test("an advert is signed over the session, the client and both keys", () => {
  const { advert } = advertise(input);
  const message = transcript("adv", contextDigest(sessionContext), utf8(advert.client), advert.maskKey, advert.envelopeKey);
  expect(ed25519Verify(first!.identity.publicKey, message, advert.signature)).toBe(true);
  expect(advert.maskKey).not.toEqual(advert.envelopeKey);
});

test("the same seed gives the same advert, another seed shares no key with it", () => {
  const { advert } = advertise(input);
  const other = advertise({ ...input, seed: seedOf("advertise", 1) }).advert;
  expect(advertise(input).advert).toEqual(advert);
  expect(new Set([advert.maskKey, advert.envelopeKey, other.maskKey, other.envelopeKey].map(toHex)).size).toBe(4);
});

test("the secrets of the state are its two session keys, and never the identity key", () => {
  const { state, consumed } = advertise(input);
  expect(secretsOf(state)).toEqual([state.maskPair.secretKey, state.envelopePair.secretKey]);
  expect(secretsOf(state)).not.toContain(input.signingKey);
  expect(consumed).toEqual([input.seed]);
});
