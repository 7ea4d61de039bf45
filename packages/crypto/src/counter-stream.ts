/** Where a counter stream begins. */
export interface CounterStreamStart {
  /** 32 bytes. Read at once, not kept by reference. */
  readonly key: Uint8Array;
  /** The first counter block, 16 bytes big endian. */
  readonly counter: Uint8Array;
}

/** A counter stream as it is read. It holds the key until it is closed. */
export interface CounterReader {
  /** Writes the next bytes of the stream over the whole of `target`: at most `keystreamTileBytes`. */
  readInto(target: Uint8Array): void;
  /** Lets the key go. Once, and nothing is read after it. */
  close(): void;
}

/** The output blocks of AES-256 in counter mode, NIST SP 800-38A §6.5, from a counter block on. Each provider gives one; it checks nothing. */
export type CounterStream = (start: CounterStreamStart) => CounterReader;
