import { hkdfSha256, sha256, transcript, u32Bytes } from "@sotto/crypto";

/** Two cohort indices, from one client to another. */
export interface Direction {
  readonly from: number;
  readonly to: number;
}

/** The key of the mask two clients share, equal from either end: `pair_ij` of SECAGG 2.9. `shared` is their X25519 secret M. */
export function pairKey(contextDigest: Uint8Array, shared: Uint8Array, { from, to }: Direction): Uint8Array {
  const info = transcript("pair", u32Bytes(Math.min(from, to)), u32Bytes(Math.max(from, to)));
  return hkdfSha256({ secret: shared, salt: contextDigest, info, length: 32 });
}

/** Bytes of {@link EnvelopeKeys}: 32 that seal, then the two shares that are derived where nothing is sealed. */
const envelopeKeysBytes = 96;

/** What one client deals another by, and the other takes it by: `K_ij` of SECAGG 2.9 and 2.10, both ways from one derivation. Secret, the caller's. */
export interface EnvelopeKeys {
  readonly outgoing: Uint8Array;
  readonly incoming: Uint8Array;
}

/** Bound to D1, so to the whole cohort. `shared` is their X25519 secret E. `from` is who asks: its outgoing keys are the incoming ones of `to`. */
export function envelopeKeys(cohortDigest: Uint8Array, shared: Uint8Array, { from, to }: Direction): EnvelopeKeys {
  const info = transcript("env", u32Bytes(Math.min(from, to)), u32Bytes(Math.max(from, to)));
  const both = hkdfSha256({ secret: shared, salt: cohortDigest, info, length: 2 * envelopeKeysBytes });
  const upward = both.subarray(0, envelopeKeysBytes);
  const downward = both.subarray(envelopeKeysBytes);
  return from < to ? { outgoing: upward, incoming: downward } : { outgoing: downward, incoming: upward };
}

/** The key of a client's self mask: `self_i` of SECAGG 2.9. */
export function selfKey(contextDigest: Uint8Array, selfSeed: Uint8Array, index: number): Uint8Array {
  return hkdfSha256({ secret: selfSeed, salt: contextDigest, info: transcript("self", u32Bytes(index)), length: 32 });
}

/** What a dealer commits to its self seed with, 32 bytes: `hb` of SECAGG 2.8. */
export function selfSeedDigest(contextDigest: Uint8Array, selfSeed: Uint8Array): Uint8Array {
  return sha256(transcript("b", contextDigest, selfSeed));
}
