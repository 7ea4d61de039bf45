import { createCipheriv, createDecipheriv } from "node:crypto";
import { concatBytes, FlError, type Outcome, ok, type Refusal, refused } from "@sotto/base";

/** Bytes that {@link seal} adds: the tag. */
export const sealOverheadBytes = 16;

const algorithm = "chacha20-poly1305";
const nonceBytes = 12;
const zeroNonce = new Uint8Array(nonceBytes);

/** What a message is sealed under. */
export interface SealingKey {
  /** 32 bytes. */
  readonly key: Uint8Array;
  /** 12 bytes; zero when left out, and then the key must seal one message only. */
  readonly nonce?: Uint8Array;
  /** What the message is bound to; it travels apart and must be equal at both ends. */
  readonly associatedData: Uint8Array;
}

/** ChaCha20-Poly1305: ciphertext, then the tag of 16 bytes. RFC 8439 §2.8. @throws FlError `invalid-argument` on a wrong key or nonce size */
export function seal(input: SealingKey & { readonly plaintext: Uint8Array }): Uint8Array {
  const { key, nonce, associatedData, plaintext } = checked(input);
  const cipher = createCipheriv(algorithm, key, nonce, { authTagLength: sealOverheadBytes });
  cipher.setAAD(associatedData, { plaintextLength: plaintext.length });
  const body = cipher.update(plaintext);
  cipher.final();
  return concatBytes(body, cipher.getAuthTag());
}

/**
 * Opens what {@link seal} made; refuses bytes of another key, nonce or associated data, or that were changed. The caller wipes the plaintext.
 * @throws FlError `invalid-argument` on a wrong key or nonce size
 */
export function open(input: SealingKey & { readonly sealed: Uint8Array }): Outcome<Uint8Array, Refusal<"not-authentic">> {
  const { key, nonce, associatedData, sealed } = checked(input);
  if (sealed.length < sealOverheadBytes) return refused("not-authentic", `sealed message of ${sealed.length} bytes has no tag`);
  const decipher = createDecipheriv(algorithm, key, nonce, { authTagLength: sealOverheadBytes });
  const bodyLength = sealed.length - sealOverheadBytes;
  decipher.setAuthTag(sealed.subarray(bodyLength));
  decipher.setAAD(associatedData, { plaintextLength: bodyLength });
  const plaintext = new Uint8Array(decipher.update(sealed.subarray(0, bodyLength)));
  try {
    decipher.final();
    return ok(plaintext);
  } catch {
    // What came out before the tag was checked is not to be trusted, nor left lying about.
    plaintext.fill(0);
    return refused("not-authentic", "sealed message does not open");
  }
}

function checked<Input extends SealingKey>(input: Input): Input & { readonly nonce: Uint8Array } {
  const nonce = input.nonce ?? zeroNonce;
  if (input.key.length !== 32) throw new FlError("invalid-argument", `sealing key of ${input.key.length} bytes must be 32`);
  if (nonce.length !== nonceBytes) throw new FlError("invalid-argument", `nonce of ${nonce.length} bytes must be ${nonceBytes}`);
  return { ...input, nonce };
}
