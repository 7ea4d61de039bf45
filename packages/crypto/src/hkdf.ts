import { FlError } from "@sotto/base";

/** What {@link Hkdf.hkdfSha256} derives from. */
export interface HkdfInput {
  /** Input keying material: secret, any length; the caller keeps and wipes it. */
  readonly secret: Uint8Array;
  readonly salt: Uint8Array;
  /** What the key is for; build it with `transcript`. At most 1024 bytes. */
  readonly info: Uint8Array;
  /** Bytes of output, 1 to 8160. */
  readonly length: number;
}

/** HKDF, the same over every provider. */
export interface Hkdf {
  /**
   * HKDF with SHA-256, extract then expand: RFC 5869 §2. The caller owns the result.
   * @throws FlError `invalid-argument` outside the ranges of {@link HkdfInput}
   */
  hkdfSha256(input: HkdfInput): Uint8Array;
}

/** What a library gives: sizes are checked. */
export interface HkdfProvider {
  derive(input: HkdfInput): Uint8Array;
}

const infoBytesMax = 1024; // Node's bound; the other providers keep it so that all refuse the same
const lengthMax = 255 * 32;

/** {@link Hkdf} of a provider. */
export function createHkdf(provider: HkdfProvider): Hkdf {
  return {
    hkdfSha256: (input) => {
      if (input.info.length > infoBytesMax) {
        throw new FlError("invalid-argument", `HKDF info of ${input.info.length} bytes must be at most ${infoBytesMax}`);
      }
      if (!Number.isInteger(input.length) || input.length < 1 || input.length > lengthMax) {
        throw new FlError("invalid-argument", `HKDF length ${input.length} must be an integer from 1 to ${lengthMax}`);
      }
      return provider.derive(input);
    },
  };
}
