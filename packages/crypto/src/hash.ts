import { createHash } from "node:crypto";
import { type Digest, digestFromBytes, FlError } from "@sotto/base";

/** SHA-256, FIPS 180-4: 32 bytes. */
export function sha256(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(createHash("sha256").update(bytes).digest());
}

/** SHA-256 as a {@link Digest}. */
export function sha256Digest(bytes: Uint8Array): Digest {
  return digestFromBytes(sha256(bytes));
}

/** SHA-256 of bytes that arrive in chunks. */
export interface Sha256Stream {
  /** Takes the next bytes; keeps no reference to them. @throws FlError `failed-precondition` after {@link digest} */
  update(bytes: Uint8Array): void;
  /** The digest of everything taken. The stream is over. @throws FlError `failed-precondition` the second time */
  digest(): Digest;
}

/** A new {@link Sha256Stream}. Prefer {@link sha256Digest} when all bytes are at hand. */
export function createSha256(): Sha256Stream {
  const hash = createHash("sha256");
  let over = false;
  const assertOpen = (): void => {
    if (over) throw new FlError("failed-precondition", "the digest of this stream was already taken");
  };
  return {
    update(bytes) {
      assertOpen();
      hash.update(bytes);
    },
    digest() {
      assertOpen();
      over = true;
      return digestFromBytes(hash.digest());
    },
  };
}
