import type { Brand } from "./brand.ts";
import { fromHex, toHex } from "./bytes.ts";
import { FlError } from "./errors.ts";

/** A SHA-256 digest as 64 lowercase hexadecimal digits: public, comparable with `===`, a key of maps. */
export type Digest = Brand<string, "Digest">;

/** @throws FlError `invalid-argument` unless 32 bytes */
export function digestFromBytes(bytes: Uint8Array): Digest {
  if (bytes.length !== 32) throw new FlError("invalid-argument", `a digest of ${bytes.length} bytes must be 32`);
  return toHex(bytes) as Digest;
}

/** @throws FlError `invalid-argument` unless 64 lowercase hexadecimal digits */
export function parseDigest(text: string): Digest {
  if (!/^[0-9a-f]{64}$/.test(text))
    throw new FlError("invalid-argument", `a digest must be 64 lowercase hexadecimal digits, got ${text.length} characters`);
  return text as Digest;
}

/** The 32 bytes of a digest. */
export function digestBytes(digest: Digest): Uint8Array {
  return fromHex(digest);
}
