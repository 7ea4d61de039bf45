import { fromHex, parseClientId, toHex } from "@sotto/base";
import { ed25519Signer } from "@sotto/crypto";
import { expect, test } from "vitest";
import { advertStatement, signAdvert } from "./advert.ts";
import { checkCohort, createCohort, sharesKeyWith, verifierFor } from "./cohort.ts";
import type { Advert } from "./messages.ts";
import { sessionParameters } from "./parameters.ts";
import { codeOf, createFixture, keyingStage, value } from "./session-fixture.ts";
import { verifyStatement } from "./statement.ts";

const filled = (byte: number, sizeBytes = 32): Uint8Array => new Uint8Array(sizeBytes).fill(byte);
const advert = (client: string, keys: readonly [number, number], signature = 0): Advert => ({
  client: parseClientId(client),
  maskKey: filled(keys[0]),
  envelopeKey: filled(keys[1]),
  signature: filled(signature, 64),
});

test("D1 equals that of an independent model in Python", () => {
  const contextDigest = fromHex("66dc2e93707de8176ce8025c6db81abc4ce6128baf4d0f2e14467608a30c228d");
  const adverts = [advert("client-a", [1, 2], 3), advert("client-b", [4, 5], 6)];
  const parameters = sessionParameters({ cohortSize: 5, tolerance: { gamma: 0, delta: 0.4 } });
  const { digest } = createCohort({ contextDigest, adverts, verifiers: [], parameters });
  expect(toHex(digest)).toBe("d040f767c2b521262b2062bf604451197d6183634278746e0b48c3c26c65ad4c");
});

test("a key that appears twice is found, whichever of its two uses", () => {
  const others = [{ advert: advert("a", [1, 2]) }];
  expect(sharesKeyWith(advert("b", [3, 4]), others)).toBe(false);
  expect(sharesKeyWith(advert("b", [1, 4]), others)).toBe(true);
  expect(sharesKeyWith(advert("b", [4, 1]), others)).toBe(true);
  expect(sharesKeyWith(advert("b", [2, 4]), others)).toBe(true);
  expect(sharesKeyWith(advert("b", [4, 2]), others)).toBe(true);
  expect(sharesKeyWith(advert("b", [3, 3]), others)).toBe(true);
});

const { clients, rule } = createFixture({ clientCount: 5, tolerance: { gamma: 0, delta: 0.4 } });
const keying = keyingStage(createFixture({ clientCount: 5, tolerance: { gamma: 0, delta: 0.4 } }));
const { contextDigest } = keying.server;

test("a cohort checks each client's signatures with that client's key", () => {
  const { adverts, verifiers, parameters } = value(checkCohort(contextDigest, keying.adverts, rule));
  expect(adverts).toEqual(keying.adverts);
  expect(parameters.cohortSize).toBe(5);
  for (const [index, verify] of verifiers.entries()) {
    for (const [sender, advert] of adverts.entries()) {
      const signed = { ...advertStatement(advert), signature: advert.signature };
      expect(verifyStatement(contextDigest, signed, verify)).toBe(sender === index);
    }
  }
});

test("a repeated key is refused in a cohort too, though each advert is signed", () => {
  const { client, envelopeKey } = keying.adverts[3]!;
  const copied = { client, envelopeKey, maskKey: keying.adverts[1]!.maskKey };
  const adverts = keying.adverts.with(3, signAdvert(contextDigest, copied, ed25519Signer(clients[3]!.identity.secretKey)));
  expect(codeOf(checkCohort(contextDigest, adverts, rule))).toBe("duplicate-key");
});

test("who is not enrolled has nothing to check its signatures with", () => {
  expect(verifierFor({ client: parseClientId("stranger") }, rule)).toBeNull();
  expect(verifierFor(keying.adverts[0]!, rule)).not.toBeNull();
});
