import { parseClientId, parseSessionNumber } from "@sotto/base";
import { ed25519Signer } from "@sotto/crypto";
import { expect, test } from "vitest";
import { signAdvert } from "../advert.ts";
import { contextDigest } from "../context.ts";
import type { Advert } from "../messages.ts";
import { codeOf, createFixture, keyingStage, sessionContext, value } from "../session-fixture.ts";
import { advertsOf, closeAdverts, openSession, receiveAdvert } from "./keying.ts";

const fixture = createFixture({ clientCount: 4, tolerance: { gamma: 0, delta: 0.25 } });
const { server, adverts } = keyingStage(fixture);
const withFirst = value(receiveAdvert(server, adverts[0]!)).state;

function signedBy(number: number, keys: Partial<Pick<Advert, "client" | "maskKey" | "envelopeKey">>): Advert {
  const { maskKey, envelopeKey, client } = adverts[number]!;
  return signAdvert(
    contextDigest(sessionContext),
    { client, maskKey, envelopeKey, ...keys },
    ed25519Signer(fixture.clients[number]!.identity.secretKey),
  );
}

function refusalOf(advert: Advert): string | null {
  return codeOf(receiveAdvert(withFirst, advert));
}

test("the cohort is who advertised, sorted by id, whatever the order of candidates and adverts", () => {
  const opened = openSession({ ...fixture.rule, context: sessionContext, candidates: fixture.clients.map(({ id }) => id).toReversed() });
  const full = [3, 1, 0].reduce((state, number) => value(receiveAdvert(state, adverts[number]!)).state, opened);
  expect(advertsOf(value(closeAdverts(full)))).toEqual([adverts[0], adverts[1], adverts[3]]);
});

test("the same advert again is known as such, another one is refused", () => {
  expect(value(receiveAdvert(withFirst, { ...adverts[0]! }))).toEqual({ state: withFirst, repeated: true });
  expect(refusalOf(signedBy(0, { maskKey: adverts[1]!.maskKey }))).toBe("conflicting-message");
  expect(refusalOf({ ...adverts[0]!, signature: new Uint8Array(64) })).toBe("conflicting-message");
});

test("an advert of who was not asked is refused", () => {
  expect(refusalOf(signedBy(1, { client: parseClientId("stranger") }))).toBe("not-a-member");
});

test("an advert of a candidate that is not enrolled is refused", () => {
  const stranger = parseClientId("stranger");
  const opened = openSession({ ...fixture.rule, context: sessionContext, candidates: [stranger] });
  expect(codeOf(receiveAdvert(opened, signedBy(1, { client: stranger })))).toBe("not-enrolled");
});

test("an advert that is unsigned, of another session, or of the wrong length is refused", () => {
  const late = contextDigest({ ...sessionContext, session: parseSessionNumber(1) });
  expect(refusalOf({ ...adverts[1]!, signature: new Uint8Array(64) })).toBe("bad-signature");
  expect(refusalOf(signAdvert(late, adverts[1]!, ed25519Signer(fixture.clients[1]!.identity.secretKey)))).toBe("bad-signature");
  expect(refusalOf({ ...adverts[1]!, envelopeKey: new Uint8Array(33) })).toBe("malformed");
});

test("keys that would make every other client refuse the session are refused on arrival", () => {
  expect(refusalOf(signedBy(1, { maskKey: new Uint8Array(32) }))).toBe("weak-key");
  expect(refusalOf(signedBy(1, { envelopeKey: new Uint8Array(32) }))).toBe("weak-key");
  expect(refusalOf(signedBy(1, { maskKey: adverts[0]!.maskKey }))).toBe("duplicate-key");
  expect(refusalOf(signedBy(1, { maskKey: adverts[1]!.envelopeKey }))).toBe("duplicate-key");
});

test("too few adverts close no cohort", () => {
  expect(codeOf(closeAdverts(withFirst))).toBe("cohort-too-small");
  const weak = openSession({
    ...fixture.rule,
    cohortSizeMin: 1,
    tolerance: { gamma: 0, delta: 0 },
    context: sessionContext,
    candidates: server.candidates,
  });
  expect(codeOf(closeAdverts(value(receiveAdvert(weak, adverts[0]!)).state))).toBe("infeasible-cohort");
});
