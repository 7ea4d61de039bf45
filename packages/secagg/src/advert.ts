import { type ClientId, equalBytes, type Outcome, ok, refused, utf8 } from "@sotto/base";
import { ed25519Sign, ed25519Verify, isWeakKey, transcript } from "@sotto/crypto";
import type { EnrolledKeys } from "./enrolled-keys.ts";
import type { Advert } from "./messages.ts";
import type { SecaggRefusal } from "./refusal.ts";

/** The public halves of a client's two session pairs. */
export interface SessionKeys {
  readonly client: ClientId;
  readonly maskKey: Uint8Array;
  readonly envelopeKey: Uint8Array;
}

/** S0 of SECAGG 2.8: session keys signed with the identity key. */
export function signAdvert(contextDigest: Uint8Array, keys: SessionKeys, signingKey: Uint8Array): Advert {
  return { ...keys, signature: ed25519Sign(signingKey, advertMessage(contextDigest, keys)) };
}

/** Checks lengths, enrolment and signature of an advert; gives the client's verification key. */
export function checkAdvert(contextDigest: Uint8Array, advert: Advert, enrolled: EnrolledKeys): Outcome<Uint8Array, SecaggRefusal> {
  if (advert.maskKey.length !== 32 || advert.envelopeKey.length !== 32) {
    return refused("malformed", `a session key of client ${advert.client} is not 32 bytes`);
  }
  const verificationKey = enrolled.verificationKey(advert.client);
  if (verificationKey === null) return refused("not-enrolled", `client ${advert.client} is not in the roster`);
  if (!ed25519Verify(verificationKey, advertMessage(contextDigest, advert), advert.signature)) {
    return refused("bad-signature", `advert of client ${advert.client} is not signed by it for this session`);
  }
  return ok(verificationKey);
}

/** Whether a session key of the advert has low order: every peer would refuse it. */
export function hasWeakKey(advert: Advert): boolean {
  return isWeakKey(advert.maskKey) || isWeakKey(advert.envelopeKey);
}

/** Whether two adverts are the same bytes. */
export function sameAdvert(a: Advert, b: Advert): boolean {
  return (
    a.client === b.client &&
    equalBytes(a.maskKey, b.maskKey) &&
    equalBytes(a.envelopeKey, b.envelopeKey) &&
    equalBytes(a.signature, b.signature)
  );
}

function advertMessage(contextDigest: Uint8Array, keys: SessionKeys): Uint8Array {
  return transcript("adv", contextDigest, utf8(keys.client), keys.maskKey, keys.envelopeKey);
}
