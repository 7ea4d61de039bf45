import { createHash } from "node:crypto";
import { type Digest, digestFromBytes } from "@sotto/base";

/** SHA-256, FIPS 180-4: 32 bytes. */
export function sha256(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(createHash("sha256").update(bytes).digest());
}

/** SHA-256 as a {@link Digest}. */
export function sha256Digest(bytes: Uint8Array): Digest {
  return digestFromBytes(sha256(bytes));
}
