import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import type { SealingProvider } from "../seal.ts";

/** ChaCha20-Poly1305 of noble. */
export const sealingProvider: SealingProvider = {
  encrypt: ({ key, nonce, associatedData, plaintext }) => chacha20poly1305(key, nonce, associatedData).encrypt(plaintext),
  decrypt: ({ key, nonce, associatedData, sealed }) => {
    try {
      return chacha20poly1305(key, nonce, associatedData).decrypt(sealed);
    } catch {
      return null; // the tag was wrong, and noble looks at it before it decrypts: with the sizes right, nothing else fails here
    }
  },
};
