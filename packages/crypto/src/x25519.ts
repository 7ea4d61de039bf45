import { fromHex, type Outcome, ok, type Refusal, refused } from "@sotto/base";
import { assertSize } from "./size.ts";

/** An X25519 key pair, 32 bytes each: RFC 7748 §6.1. */
export interface X25519KeyPair {
  readonly publicKey: Uint8Array;
  readonly secretKey: Uint8Array;
}

/** A shared secret of 32 bytes, the caller's to wipe; or that the peer's key has low order. */
export type X25519Shared = Outcome<Uint8Array, Refusal<"weak-key">>;

/** One secret key's half of an agreement, for many peers. @throws FlError `invalid-argument` unless the peer's key is 32 bytes */
export type X25519Agreement = (peerPublicKey: Uint8Array) => X25519Shared;

/** X25519, RFC 7748, with the checks that are the same over every provider. */
export interface X25519 {
  /**
   * The key pair of a secret of 32 bytes; the secret is copied, the caller wipes both.
   * @throws FlError `invalid-argument` unless 32 bytes
   */
  x25519KeyPair(seed: Uint8Array): X25519KeyPair;
  /**
   * The shared secret of a pair and a peer's public key, 32 bytes: RFC 7748 §6.1. A peer's key of low order, which would make
   * the secret zero whatever ours is, is refused. `pair.publicKey` must belong to `pair.secretKey`: nothing checks it, the secret decides.
   * Prefer {@link x25519Agreement} for several peers.
   * @throws FlError `invalid-argument` on a key that is not 32 bytes
   */
  x25519(pair: X25519KeyPair, peerPublicKey: Uint8Array): X25519Shared;
  /**
   * {@link x25519} with one pair for many peers: the secret key is imported once, which is half of the work. Holds a copy of the secret,
   * which cannot be wiped, until it is let go.
   * @throws FlError `invalid-argument` on a key that is not 32 bytes
   */
  x25519Agreement(pair: X25519KeyPair): X25519Agreement;
  /**
   * Whether a public key has low order: such a key from one client would make every other client refuse the session.
   * @throws FlError `invalid-argument` unless 32 bytes
   */
  isWeakKey(publicKey: Uint8Array): boolean;
}

/** What a library gives: sizes are checked, results are fresh. */
export interface X25519Provider {
  publicKeyOf(secretKey: Uint8Array): Uint8Array;
  /** Copies the secret key. The result may be null where the shared secret would be zero. */
  agreementOf(pair: X25519KeyPair): (peerPublicKey: Uint8Array) => Uint8Array | null;
}

/** Any pair does: clamped secrets are multiples of 8, and times 8 every point of low order is zero. This one is that of the zero secret. */
const probe: X25519KeyPair = {
  publicKey: fromHex("2fe57da347cd62431528daac5fbb290730fff684afc4cfc2ed90995f58cb3b74"),
  secretKey: new Uint8Array(32),
};

/** {@link X25519} of a provider. */
export function createX25519(provider: X25519Provider): X25519 {
  const x25519Agreement = (pair: X25519KeyPair): X25519Agreement => {
    assertSize(pair.secretKey, 32, "X25519 secret key");
    assertSize(pair.publicKey, 32, "X25519 public key");
    const agree = provider.agreementOf(pair);
    return (peerPublicKey) => {
      assertSize(peerPublicKey, 32, "X25519 public key");
      const shared = agree(peerPublicKey);
      if (shared === null || isZero(shared)) return refused("weak-key", "public key has low order");
      return ok(shared);
    };
  };
  const agreeWithProbe = x25519Agreement(probe);
  return {
    x25519KeyPair: (seed) => {
      assertSize(seed, 32, "X25519 secret key");
      return { publicKey: provider.publicKeyOf(seed), secretKey: Uint8Array.from(seed) };
    },
    x25519: (pair, peerPublicKey) => x25519Agreement(pair)(peerPublicKey),
    x25519Agreement,
    isWeakKey: (publicKey) => agreeWithProbe(publicKey).kind === "refused",
  };
}

/** RFC 7748 §6.1 asks for this check without branching on the secret. */
function isZero(shared: Uint8Array): boolean {
  let bits = 0;
  for (const byte of shared) bits |= byte;
  return bits === 0;
}
