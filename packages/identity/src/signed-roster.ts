import { type Digest, equalBytes, FlError, fromUtf8, type Outcome, ok, type Refusal, refused, utf8 } from "@sotto/base";
import { ed25519KeyPair, ed25519Sign, ed25519Verify, sha256Digest, transcript } from "@sotto/crypto";
import { fromBase64url, toBase64url } from "./base64url.ts";
import type { Caller, Roster, RosterBody } from "./roster.ts";
import { decodeRosterBody, encodeRosterBody } from "./roster-body.ts";

/** The longest roster file that is read, in bytes: 10 000 clients with a few labels each. */
export const rosterSizeBytesMax: number = 8 * 1024 * 1024;

/** Why a roster is refused. */
export type RosterRefusal = Refusal<"bad-roster" | "bad-roster-signature">;

/**
 * The roster in a file that {@link signRoster} made, if this authority signed it. The signature is checked before anything is parsed;
 * then the bytes must be the one encoding of what they say. Whether it has expired is for the caller, who has a clock.
 */
export function parseRoster(bytes: Uint8Array, authorityPublicKey: Uint8Array): Outcome<Roster, RosterRefusal> {
  if (bytes.length > rosterSizeBytesMax) return refused("bad-roster", `roster of ${bytes.length} bytes is above ${rosterSizeBytesMax}`);
  const parts = split(bytes);
  if (parts === null) return refused("bad-roster", `roster of ${bytes.length} bytes is not a line of JSON and a line of signature`);
  if (!ed25519Verify(authorityPublicKey, signedBytes(parts.body), parts.signature)) {
    return refused("bad-roster-signature", "roster is not signed by this federation's authority");
  }
  try {
    const body = decodeRosterBody(parts.body);
    if (!equalBytes(encodeRosterBody(body), parts.body)) return refused("bad-roster", "roster is not canonical JSON");
    return ok({ ...body, digest: sha256Digest(bytes), callers: callersOf(body) });
  } catch (error) {
    if (error instanceof FlError && error.code === "invalid-argument") return refused("bad-roster", error.message.slice(0, 500));
    throw error;
  }
}

/**
 * The file of a roster: its canonical JSON, a line feed, the authority's signature in base64url, a line feed.
 * Only the authority, offline, does this. The secret key is the seed, 32 bytes.
 * @throws FlError `invalid-argument` for a roster that {@link parseRoster} would refuse
 */
export function signRoster(body: RosterBody, authoritySecretKey: Uint8Array): Uint8Array {
  const encoded = encodeRosterBody(body);
  const signature = ed25519Sign(authoritySecretKey, signedBytes(encoded));
  const file = utf8(`${fromUtf8(encoded)}\n${toBase64url(signature)}\n`);
  const read = parseRoster(file, ed25519KeyPair(authoritySecretKey).publicKey);
  if (read.kind === "refused") throw new FlError("invalid-argument", read.refusal.message);
  return file;
}

const lineFeed = 0x0a;
/** 64 bytes in base64url, and a line feed. */
const signatureLineLength = 87;

function split(bytes: Uint8Array): { readonly body: Uint8Array; readonly signature: Uint8Array } | null {
  const bodyEnd = bytes.length - signatureLineLength - 1;
  if (bodyEnd < 0 || bytes[bodyEnd] !== lineFeed || bytes.at(-1) !== lineFeed) return null;
  const signature = fromBase64url(String.fromCharCode(...bytes.subarray(bodyEnd + 1, -1)));
  return signature === null ? null : { body: bytes.subarray(0, bodyEnd), signature };
}

function signedBytes(body: Uint8Array): Uint8Array {
  return transcript("sotto/roster/1", body);
}

function callersOf({ clients, operators }: RosterBody): ReadonlyMap<Digest, Caller> {
  const callers = new Map<Digest, Caller>();
  for (const { id, certificateFingerprint } of clients) callers.set(certificateFingerprint, { kind: "client", client: id });
  for (const { id, certificateFingerprint } of operators) callers.set(certificateFingerprint, { kind: "operator", operator: id });
  return callers;
}
