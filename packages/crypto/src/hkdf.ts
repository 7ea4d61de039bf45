import { hkdfSync } from "node:crypto";

/** What {@link hkdfSha256} derives from. */
export interface HkdfInput {
  /** Input keying material: secret, any length; the caller keeps and wipes it. */
  readonly secret: Uint8Array;
  readonly salt: Uint8Array;
  /** What the key is for; build it with `transcript`. At most 1024 bytes. */
  readonly info: Uint8Array;
  /** Bytes of output, 1 to 8160. */
  readonly length: number;
}

/** HKDF with SHA-256, extract then expand: RFC 5869 §2. The caller owns the result. */
export function hkdfSha256({ secret, salt, info, length }: HkdfInput): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", secret, salt, info, length));
}
