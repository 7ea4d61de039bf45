import { sign, verify } from "node:crypto";
import { importPublic, importSecret, publicKeyOf } from "./key-encoding.ts";

/** An Ed25519 key pair, 32 bytes each; the secret key is the seed: RFC 8032 §5.1.5. */
export interface Ed25519KeyPair {
  readonly publicKey: Uint8Array;
  readonly secretKey: Uint8Array;
}

/** The key pair of a seed of 32 bytes; the seed is copied. @throws FlError `invalid-argument` unless 32 bytes */
export function ed25519KeyPair(seed: Uint8Array): Ed25519KeyPair {
  return { publicKey: publicKeyOf(importSecret("Ed25519", seed)), secretKey: Uint8Array.from(seed) };
}

/** The signature of a message, 64 bytes: RFC 8032 §5.1.6. @throws FlError `invalid-argument` unless the key is 32 bytes */
export function ed25519Sign(secretKey: Uint8Array, message: Uint8Array): Uint8Array {
  return new Uint8Array(sign(null, message, importSecret("Ed25519", secretKey)));
}

/** Whether a signature is good: RFC 8032 §5.1.7. False for a key or signature of the wrong length: both come from peers. */
export function ed25519Verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  return verify(null, message, importPublic("Ed25519", publicKey), signature);
}
