import { fromHex } from "@sotto/base";
import { assertSize } from "./size.ts";

/** An Ed25519 key pair, 32 bytes each; the secret key is the seed: RFC 8032 §5.1.5. */
export interface Ed25519KeyPair {
  readonly publicKey: Uint8Array;
  readonly secretKey: Uint8Array;
}

/** The signatures of one secret key, 64 bytes each: RFC 8032 §5.1.6. */
export type Signer = (message: Uint8Array) => Uint8Array;

/** Whether a signature of one public key's owner is good. Never throws: what it is given comes from peers. */
export type Verifier = (message: Uint8Array, signature: Uint8Array) => boolean;

/**
 * Ed25519, RFC 8032 §5.1, with the checks that are the same over every provider. A signature is good when the equation without the
 * cofactor holds, its S is below the group order, R is encoded as the equation gives it, and neither R nor the key has small order
 * (Web Cryptography Level 2, Ed25519, Verify): every provider, and every version of Node, gives the same verdict on the same bytes.
 */
export interface Ed25519 {
  /** The key pair of a seed of 32 bytes; the seed is copied. @throws FlError `invalid-argument` unless 32 bytes */
  ed25519KeyPair(seed: Uint8Array): Ed25519KeyPair;
  /**
   * The signature of a message, 64 bytes. Prefer {@link ed25519Signer} for several messages.
   * @throws FlError `invalid-argument` unless the key is 32 bytes
   */
  ed25519Sign(secretKey: Uint8Array, message: Uint8Array): Uint8Array;
  /**
   * {@link ed25519Sign} with one key for many messages: the key is imported once, which is most of the work. Holds a copy of the key,
   * which cannot be wiped, until it is let go.
   * @throws FlError `invalid-argument` unless the key is 32 bytes
   */
  ed25519Signer(secretKey: Uint8Array): Signer;
  /**
   * Whether a signature is good. False for a key or signature of the wrong length: both come from peers. Prefer {@link ed25519Verifier}
   * for several signatures of one key.
   */
  ed25519Verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
  /** {@link ed25519Verify} with one key for many signatures: the key is copied and imported once. */
  ed25519Verifier(publicKey: Uint8Array): Verifier;
}

/** What a library gives: sizes are checked, keys are copied, results are fresh. */
export interface Ed25519Provider {
  publicKeyOf(secretKey: Uint8Array): Uint8Array;
  signerOf(secretKey: Uint8Array): Signer;
  /** Any 32 bytes are a key here; one that is no point verifies nothing. The verifier checks S; small orders are refused before it. */
  verifierOf(publicKey: Uint8Array): Verifier;
}

/** {@link Ed25519} of a provider. */
export function createEd25519(provider: Ed25519Provider): Ed25519 {
  const ed25519Signer = (secretKey: Uint8Array): Signer => {
    assertSize(secretKey, 32, "Ed25519 secret key");
    return provider.signerOf(secretKey);
  };
  const ed25519Verifier = (publicKey: Uint8Array): Verifier => {
    if (publicKey.length !== 32 || hasSmallOrder(publicKey)) return () => false;
    const isGood = provider.verifierOf(publicKey);
    return (message, signature) => signature.length === 64 && !hasSmallOrder(signature) && isGood(message, signature);
  };
  return {
    ed25519KeyPair: (seed) => {
      assertSize(seed, 32, "Ed25519 secret key");
      return { publicKey: provider.publicKeyOf(seed), secretKey: Uint8Array.from(seed) };
    },
    ed25519Sign: (secretKey, message) => ed25519Signer(secretKey)(message),
    ed25519Signer,
    ed25519Verify: (publicKey, message, signature) => signature.length === 64 && ed25519Verifier(publicKey)(message, signature),
    ed25519Verifier,
  };
}

/** The y of the eight points of small order, and two of them again above p: with either sign of x, every encoding there is. */
const smallOrderYs = [
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0100000000000000000000000000000000000000000000000000000000000000",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
].map(fromHex);

/**
 * Whether the point in the first 32 bytes has small order. One signature under such a key is good for one message in eight; Node 24
 * refuses them as keys and as R, Node 20 and 22 do not, and clients that disagree about a signature would end each other's sessions.
 */
function hasSmallOrder(bytes: Uint8Array): boolean {
  return smallOrderYs.some((y) => y.every((byte, i) => byte === (i === 31 ? bytes[31]! & 0x7f : bytes[i]!)));
}
