import { diffieHellman } from "node:crypto";
import type { X25519Provider } from "../x25519.ts";
import { importPair, importPublic, importSecret, publicKeyOf } from "./key-encoding.ts";

/** X25519 of OpenSSL. */
export const x25519Provider: X25519Provider = {
  publicKeyOf: (secretKey) => publicKeyOf(importSecret("X25519", secretKey)),
  agreementOf: (pair) => {
    const privateKey = importPair("X25519", pair);
    return (peerPublicKey) => {
      const publicKey = importPublic("X25519", peerPublicKey);
      try {
        return new Uint8Array(diffieHellman({ privateKey, publicKey }));
      } catch {
        return null; // OpenSSL found the shared secret to be zero: with both keys imported, nothing else fails here
      }
    };
  },
};
