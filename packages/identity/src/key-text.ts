import { FlError } from "@sotto/base";
import { fromBase64url, toBase64url } from "./base64url.ts";

/** What a key in a file is for; the name is in the text, so that one cannot stand in for another. */
export type KeyKind = "authority-public-key" | "authority-secret-key" | "identity-secret-key";

/** An Ed25519 key of 32 bytes as one line of a file: `sotto-KIND BASE64URL`. A secret key is its seed. @throws FlError `invalid-argument` */
export function encodeKey(kind: KeyKind, key: Uint8Array): string {
  if (key.length !== 32) throw new FlError("invalid-argument", `${kind} of ${key.length} bytes must be 32`);
  return `sotto-${kind} ${toBase64url(key)}\n`;
}

/**
 * The key in the text {@link encodeKey} made; white space around it does not matter.
 * @throws FlError `invalid-argument`, showing nothing of a text that may be secret but the kind it claims
 */
export function decodeKey(kind: KeyKind, text: string): Uint8Array {
  const [label = "", body = "", ...rest] = text.trim().split(/\s+/, 3);
  if (label !== `sotto-${kind}`) {
    const claimed = kinds.find((other) => label === `sotto-${other}`) ?? "something else";
    throw new FlError("invalid-argument", `expected a text beginning with sotto-${kind} and found ${claimed}`);
  }
  const key = fromBase64url(body);
  if (rest.length > 0 || key?.length !== 32)
    throw new FlError("invalid-argument", `the text of the ${kind} is damaged: it must hold 32 bytes`);
  return key;
}

const kinds: readonly KeyKind[] = ["authority-public-key", "authority-secret-key", "identity-secret-key"];
