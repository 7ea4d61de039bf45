import { type ClientId, equalBytes, type Outcome, ok, refused, utf8 } from "@sotto/base";
import { isWeakKey, type Signer, type Verifier } from "@sotto/crypto";
import type { Advert } from "./messages.ts";
import type { SecaggRefusal } from "./refusal.ts";
import { type Statement, signStatement, verifyStatement } from "./statement.ts";

/** The public halves of a client's two session pairs. */
export interface SessionKeys {
  readonly client: ClientId;
  readonly maskKey: Uint8Array;
  readonly envelopeKey: Uint8Array;
}

/** S0 of SECAGG 2.8: session keys signed with the identity key. */
export function signAdvert(contextDigest: Uint8Array, keys: SessionKeys, sign: Signer): Advert {
  return { ...keys, signature: signStatement(contextDigest, advertStatement(keys), sign) };
}

/** What an advert states. */
export function advertStatement({ client, maskKey, envelopeKey }: SessionKeys): Statement {
  return { label: "adv", fields: [utf8(client), maskKey, envelopeKey] };
}

/** Checks the lengths of an advert and its signature; `verify` is null for who is not enrolled. Gives it back. */
export function checkAdvert(contextDigest: Uint8Array, advert: Advert, verify: Verifier | null): Outcome<Verifier, SecaggRefusal> {
  const { client, maskKey, envelopeKey, signature } = advert;
  if (maskKey.length !== 32 || envelopeKey.length !== 32) return refused("malformed", `a session key of client ${client} is not 32 bytes`);
  if (verify === null) return refused("not-enrolled", `client ${client} is not in the roster`);
  if (!verifyStatement(contextDigest, { ...advertStatement(advert), signature }, verify)) {
    return refused("bad-signature", `advert of client ${client} is not signed by it for this session`);
  }
  return ok(verify);
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
