import { diffieHellman, type KeyObject } from "node:crypto";
import { type Outcome, ok, type Refusal, refused } from "@sotto/base";
import { importPair, importPublic, importSecret, publicKeyOf } from "./key-encoding.ts";

/** An X25519 key pair, 32 bytes each: RFC 7748 §6.1. */
export interface X25519KeyPair {
  readonly publicKey: Uint8Array;
  readonly secretKey: Uint8Array;
}

/** Any pair does: clamped secrets are multiples of 8, and times 8 every point of low order is zero. */
const probe = x25519KeyPair(new Uint8Array(32));

/**
 * The key pair of a secret of 32 bytes; the secret is copied, the caller wipes both.
 * @throws FlError `invalid-argument` unless 32 bytes
 */
export function x25519KeyPair(seed: Uint8Array): X25519KeyPair {
  return { publicKey: publicKeyOf(importSecret("X25519", seed)), secretKey: Uint8Array.from(seed) };
}

/**
 * The shared secret of a pair and a peer's public key, 32 bytes: RFC 7748 §6.1. A peer's key of low order, which would make
 * the secret zero whatever ours is, is refused. `pair.publicKey` must belong to `pair.secretKey`.
 * @throws FlError `invalid-argument` on a key that is not 32 bytes
 */
export function x25519(pair: X25519KeyPair, peerPublicKey: Uint8Array): Outcome<Uint8Array, Refusal<"weak-key">> {
  const shared = agree(importPair("X25519", pair), importPublic("X25519", peerPublicKey));
  if (shared === null || shared.every((byte) => byte === 0)) return refused("weak-key", "public key has low order");
  return ok(shared);
}

/** Whether a public key has low order: such a key from one client would make every other client refuse the session. */
export function isWeakKey(publicKey: Uint8Array): boolean {
  return x25519(probe, publicKey).kind === "refused";
}

/** Null where OpenSSL finds the shared secret to be zero: with both keys imported, nothing else fails here. */
function agree(privateKey: KeyObject, publicKey: KeyObject): Uint8Array | null {
  try {
    return new Uint8Array(diffieHellman({ privateKey, publicKey }));
  } catch {
    return null;
  }
}
