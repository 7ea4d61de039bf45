import { fromHex } from "@sotto/base";
import nacl from "tweetnacl";
import type { Ed25519Provider } from "../ed25519.ts";

/** Ed25519 of tweetnacl, whose verification is without the cofactor, as OpenSSL's is; noble's is with it, and accepts more. */
export const ed25519Provider: Ed25519Provider = {
  publicKeyOf: (secretKey) => nacl.sign.keyPair.fromSeed(secretKey).publicKey,
  signerOf: (secretKey) => {
    const pair = nacl.sign.keyPair.fromSeed(secretKey);
    return (message) => nacl.sign.detached(message, pair.secretKey);
  },
  verifierOf: (publicKey) => {
    const key = Uint8Array.from(publicKey);
    return (message, signature) => isReduced(signature.subarray(32)) && nacl.sign.detached.verify(message, signature, key);
  },
};

/** The order of the group, 2^252 + 27742317777372353535851937790883648493, little endian: RFC 8032 §5.1. */
const groupOrder = fromHex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");

/**
 * Whether S is below the group order: RFC 8032 §5.1.7. tweetnacl does not look, and without this anyone makes a second good signature
 * of a good one by adding the order to S. All of it is public: the comparison may stop early.
 */
function isReduced(s: Uint8Array): boolean {
  for (let i = 31; i >= 0; i--) {
    if (s[i]! !== groupOrder[i]!) return s[i]! < groupOrder[i]!;
  }
  return false;
}
