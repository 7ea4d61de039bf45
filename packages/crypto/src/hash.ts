import { type Digest, digestFromBytes, FlError } from "@sotto/base";

/** SHA-256 of bytes that arrive in chunks. */
export interface Sha256Stream {
  /** Takes the next bytes; keeps no reference to them. @throws FlError `failed-precondition` after {@link digest} */
  update(bytes: Uint8Array): void;
  /** The digest of everything taken. The stream is over. @throws FlError `failed-precondition` the second time */
  digest(): Digest;
}

/** SHA-256, FIPS 180-4, the same over every provider. */
export interface Sha256 {
  /** The 32 bytes of the digest. */
  sha256(bytes: Uint8Array): Uint8Array;
  /** The digest as a {@link Digest}. */
  sha256Digest(bytes: Uint8Array): Digest;
  /** A new {@link Sha256Stream}. Prefer {@link sha256Digest} when all bytes are at hand. */
  createSha256(): Sha256Stream;
}

/** What a library gives. */
export interface Sha256Provider {
  digestOf(bytes: Uint8Array): Uint8Array;
  createState(): Sha256State;
}

/** A digest under way in a library: {@link digest} is its last call. */
export interface Sha256State {
  update(bytes: Uint8Array): unknown;
  digest(): Uint8Array;
}

/** {@link Sha256} of a provider. */
export function createHash(provider: Sha256Provider): Sha256 {
  return {
    sha256: provider.digestOf,
    sha256Digest: (bytes) => digestFromBytes(provider.digestOf(bytes)),
    createSha256: () => streamOver(provider.createState()),
  };
}

function streamOver(state: Sha256State): Sha256Stream {
  let over = false;
  const assertOpen = (): void => {
    if (over) throw new FlError("failed-precondition", "the digest of this stream was already taken");
  };
  return {
    update(bytes) {
      assertOpen();
      state.update(bytes);
    },
    digest() {
      assertOpen();
      over = true;
      return digestFromBytes(state.digest());
    },
  };
}
