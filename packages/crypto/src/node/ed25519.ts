import { sign, verify } from "node:crypto";
import type { Ed25519Provider } from "../ed25519.ts";
import { importPublic, importSecret, publicKeyOf } from "./key-encoding.ts";

/** Ed25519 of OpenSSL. */
export const ed25519Provider: Ed25519Provider = {
  publicKeyOf: (secretKey) => publicKeyOf(importSecret("Ed25519", secretKey)),
  signerOf: (secretKey) => {
    const key = importSecret("Ed25519", secretKey);
    return (message) => new Uint8Array(sign(null, message, key));
  },
  verifierOf: (publicKey) => {
    const key = importPublic("Ed25519", publicKey);
    return (message, signature) => verify(null, message, key, signature);
  },
};
