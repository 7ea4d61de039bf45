/** A stretch of zeros to encrypt. */
export interface CounterStreamInput {
  /** 32 bytes. */
  readonly key: Uint8Array;
  /** The first counter block, 16 bytes big endian. */
  readonly counter: Uint8Array;
  readonly zeros: Uint8Array;
}

/**
 * The output blocks of AES-256 in counter mode, NIST SP 800-38A §6.5: as many bytes as there are zeros, in a fresh array that starts a
 * buffer of its own. Each provider gives one.
 */
export type CounterStream = (input: CounterStreamInput) => Uint8Array;
