import { FlError } from "@sotto/base";
import type { CounterStream } from "./counter-stream.ts";

/** The most a {@link Keystream} makes at once: the size at which Node's cipher is fastest, and which stays in cache (SECAGG 5.2). */
export const keystreamTileBytes: number = 128 * 1024;

/** A stretch of the stream of a key. */
export interface KeystreamRange {
  /** 32 bytes, for one stream only. */
  readonly key: Uint8Array;
  /** Where the stretch begins, a multiple of 16 below 2^36. */
  readonly byteOffset: number;
  /** 0 to {@link keystreamTileBytes}. */
  readonly byteLength: number;
}

const blockBytes = 16;
const byteOffsetMax = 2 ** 36;
const zeros = new Uint8Array(keystreamTileBytes);

/**
 * AES-256 in counter mode with the counter starting at zero: NIST SP 800-38A §6.5. Any stretch of the stream can be made without those
 * before it. The result is fresh, starts a buffer of its own, and is the caller's to wipe.
 * @throws FlError `invalid-argument` outside the ranges of {@link KeystreamRange}
 */
export type Keystream = (range: KeystreamRange) => Uint8Array;

/** The {@link Keystream} of a provider's cipher. */
export function createKeystream(counterStream: CounterStream): Keystream {
  return ({ key, byteOffset, byteLength }) => {
    assertRange({ key, byteOffset, byteLength });
    return counterStream({ key, counter: counterAt(byteOffset / blockBytes), zeros: zeros.subarray(0, byteLength) });
  };
}

function assertRange({ key, byteOffset, byteLength }: KeystreamRange): void {
  if (key.length !== 32) throw new FlError("invalid-argument", `stream key of ${key.length} bytes must be 32`);
  if (byteOffset < 0 || byteOffset >= byteOffsetMax || byteOffset % blockBytes !== 0) {
    throw new FlError("invalid-argument", `stream offset ${byteOffset} must be a multiple of ${blockBytes} below ${byteOffsetMax}`);
  }
  if (byteLength < 0 || byteLength > keystreamTileBytes) {
    throw new FlError("invalid-argument", `stream length ${byteLength} must be at most ${keystreamTileBytes}`);
  }
}

function counterAt(block: number): Uint8Array {
  const counter = new Uint8Array(blockBytes);
  new DataView(counter.buffer).setBigUint64(8, BigInt(block));
  return counter;
}
