import { x25519 } from "@noble/curves/ed25519.js";
import type { X25519Provider } from "../x25519.ts";

/** X25519 of noble. Not of tweetnacl, which answers zero for a key of low order and says nothing. */
export const x25519Provider: X25519Provider = {
  publicKeyOf: (secretKey) => x25519.getPublicKey(secretKey),
  agreementOf: ({ secretKey }) => {
    const secret = Uint8Array.from(secretKey);
    return (peerPublicKey) => {
      try {
        return x25519.getSharedSecret(secret, peerPublicKey);
      } catch {
        return null; // noble found the shared secret to be zero: with both sizes right, nothing else fails here
      }
    };
  },
};
