import { type Digest, parseDigest } from "@sotto/base";

/**
 * The SHA-256 fingerprint of a certificate as a {@link Digest}, from hexadecimal text in either case, with or without colons
 * between the bytes (node's `fingerprint256`); null for any other text.
 */
export function fingerprintFrom(text: string): Digest | null {
  if (!/^(?:[0-9a-fA-F]{64}|[0-9a-fA-F]{2}(?::[0-9a-fA-F]{2}){31})$/.test(text)) return null;
  return parseDigest(text.replaceAll(":", "").toLowerCase());
}
