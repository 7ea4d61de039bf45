import { createCipheriv } from "node:crypto";

/** A stretch of zeros to encrypt. */
export interface CounterStream {
  /** 32 bytes. */
  readonly key: Uint8Array;
  /** The first counter block, 16 bytes big endian. */
  readonly counter: Uint8Array;
  readonly zeros: Uint8Array;
}

/** The output blocks of AES-256 in counter mode, NIST SP 800-38A §6.5: as many bytes as there are zeros, in a fresh array. */
export function aes256CounterStream({ key, counter, zeros }: CounterStream): Uint8Array {
  return createCipheriv("aes-256-ctr", key, counter).update(zeros);
}
