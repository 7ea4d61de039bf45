import { createCipheriv, createDecipheriv } from "node:crypto";
import { concatBytes, wipeInto } from "@sotto/base";
import { type SealingProvider, sealOverheadBytes } from "../seal.ts";

const algorithm = "chacha20-poly1305";

/** ChaCha20-Poly1305 of OpenSSL. */
export const sealingProvider: SealingProvider = {
  encrypt: ({ key, nonce, associatedData, plaintext }) => {
    const cipher = createCipheriv(algorithm, key, nonce, { authTagLength: sealOverheadBytes });
    cipher.setAAD(associatedData, { plaintextLength: plaintext.length });
    const body = cipher.update(plaintext);
    cipher.final();
    return concatBytes(body, cipher.getAuthTag());
  },
  decrypt: ({ key, nonce, associatedData, sealed }) => {
    const decipher = createDecipheriv(algorithm, key, nonce, { authTagLength: sealOverheadBytes });
    const bodyLength = sealed.length - sealOverheadBytes;
    decipher.setAuthTag(sealed.subarray(bodyLength));
    decipher.setAAD(associatedData, { plaintextLength: bodyLength });
    const opened = decipher.update(sealed.subarray(0, bodyLength));
    const plaintext = new Uint8Array(opened);
    wipeInto(opened);
    try {
      decipher.final();
      return plaintext;
    } catch {
      // What came out before the tag was checked is not to be trusted, nor left lying about.
      wipeInto(plaintext);
      return null;
    }
  },
};
