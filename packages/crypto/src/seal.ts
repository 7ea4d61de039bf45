import { type Outcome, ok, type Refusal, refused } from "@sotto/base";
import { assertSize } from "./size.ts";

/** Bytes that {@link Sealing.seal} adds: the tag. */
export const sealOverheadBytes = 16;

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

/**
 * ChaCha20-Poly1305, RFC 8439 §2.8, the same over every provider. Not `box` or `secretbox` of tweetnacl, whose bytes are of another
 * construction (XSalsa20-Poly1305) and which bind no associated data.
 */
export interface Sealing {
  /** Ciphertext, then the tag of 16 bytes. @throws FlError `invalid-argument` on a wrong key or nonce size */
  seal(input: SealingKey & { readonly plaintext: Uint8Array }): Uint8Array;
  /**
   * Opens what {@link seal} made; refuses bytes of another key, nonce or associated data, or that were changed. The caller wipes the plaintext.
   * @throws FlError `invalid-argument` on a wrong key or nonce size
   */
  open(input: SealingKey & { readonly sealed: Uint8Array }): Outcome<Uint8Array, Refusal<"not-authentic">>;
}

/** What a library gives: sizes are checked, results are fresh. */
export interface SealingProvider {
  encrypt(input: Required<SealingKey> & { readonly plaintext: Uint8Array }): Uint8Array;
  /** Null where the tag is wrong; `sealed` is at least a tag long. Leaves no plaintext behind whose tag was wrong. */
  decrypt(input: Required<SealingKey> & { readonly sealed: Uint8Array }): Uint8Array | null;
}

/** {@link Sealing} of a provider. */
export function createSealing(provider: SealingProvider): Sealing {
  return {
    seal: ({ key, nonce = zeroNonce, associatedData, plaintext }) => {
      assertSealingKey(key, nonce);
      return provider.encrypt({ key, nonce, associatedData, plaintext });
    },
    open: ({ key, nonce = zeroNonce, associatedData, sealed }) => {
      assertSealingKey(key, nonce);
      if (sealed.length < sealOverheadBytes) return refused("not-authentic", `sealed message of ${sealed.length} bytes has no tag`);
      const plaintext = provider.decrypt({ key, nonce, associatedData, sealed });
      return plaintext === null ? refused("not-authentic", "sealed message does not open") : ok(plaintext);
    },
  };
}

function assertSealingKey(key: Uint8Array, nonce: Uint8Array): void {
  assertSize(key, 32, "sealing key");
  assertSize(nonce, nonceBytes, "nonce");
}
