import { FlError } from "@sotto/base";
import { createLanes, type Lanes, laneWidth } from "./lanes.ts";
import type { MaskedContribution } from "./stages.ts";

/** Bytes of `laneCount` lanes of `bits` bits: ceil(laneCount * bits / 8). @throws FlError `invalid-argument` unless bits is 8 to 32 */
export function packedSize({ laneCount, bits }: { readonly laneCount: number; readonly bits: number }): number {
  laneWidth(bits);
  return Math.ceil((laneCount * bits) / 8);
}

/**
 * The low `bits` bits of every lane as a little-endian bit stream: lane i is bits i*b to (i+1)*b - 1 of the stream, bit k is bit k mod 8
 * of byte floor(k / 8), and the unused bits of the last byte are 0 (SECAGG 2.7). Takes only what is masked, so that nothing else leaves.
 * The caller owns the new array.
 * @throws FlError `invalid-argument` as {@link packedSize}, and on more bits than the lanes have
 */
export function packLanes(lanes: MaskedContribution, bits: number): Uint8Array {
  const bytes = new Uint8Array(packedSize({ laneCount: lanes.length, bits }));
  const width = 8 * lanes.BYTES_PER_ELEMENT;
  if (bits > width) throw new FlError("invalid-argument", `lanes of ${width} bits cannot be packed as ${bits}`);
  if (bits === 8) bytes.set(lanes);
  else if (bits === width) bytes.set(bytesOf(lanes));
  else packTilesInto(bytes, lanes, bits);
  return bytes;
}

/**
 * The lanes that {@link packLanes} packed, each from 0 to 2^bits - 1, in a new array. Unused bits of the last byte are not read.
 * @throws FlError `invalid-argument` when the bytes are fewer or more than {@link packedSize}, or as that
 */
export function unpackLanes(packed: { readonly bytes: Uint8Array; readonly laneCount: number; readonly bits: number }): Lanes {
  const { bytes, laneCount, bits } = packed;
  const sizeBytes = packedSize({ laneCount, bits });
  if (bytes.length !== sizeBytes) {
    throw new FlError("invalid-argument", `${laneCount} lanes of ${bits} bits in ${bytes.length} bytes must be in ${sizeBytes}`);
  }
  const lanes = createLanes({ laneCount, bits });
  unpackInto(lanes, bytes, bits);
  return lanes;
}

/** Fills `lanes`, of the width of `bits`, with the first lanes of a packed stream; what is behind them is not read. The caller owns both. */
export function unpackInto(lanes: Lanes, bytes: Uint8Array, bits: number): void {
  const packed = bytes.subarray(0, packedSize({ laneCount: lanes.length, bits }));
  if (bits === 8) lanes.set(packed);
  else if (bits === 8 * lanes.BYTES_PER_ELEMENT) bytesOf(lanes).set(packed);
  else unpackTilesInto(lanes, packed, bits);
}

/**
 * Lanes packed at once: a multiple of 8, so that every tile begins at a whole byte. The loops below work on 32-bit words alone, and lanes of
 * either width are copied to and from those: a loop that has seen arrays of two types runs at a third of the speed ever after (SECAGG 5.3), the
 * copies cost a twentieth of it.
 */
const tileLanes = 4096;

function packTilesInto(bytes: Uint8Array, lanes: Lanes, bits: number): void {
  const packInto = bits === 24 ? pack24Into : packStreamInto;
  const words = new Uint32Array(Math.min(tileLanes, lanes.length));
  for (let start = 0; start < lanes.length; start += tileLanes) {
    const tile = lanes.subarray(start, start + tileLanes);
    words.set(tile);
    packInto(bytes.subarray((start * bits) / 8), words.subarray(0, tile.length), bits);
  }
  words.fill(0);
}

function unpackTilesInto(lanes: Lanes, bytes: Uint8Array, bits: number): void {
  const unpackWordsInto = bits === 24 ? unpack24Into : unpackStreamInto;
  const words = new Uint32Array(Math.min(tileLanes, lanes.length));
  for (let start = 0; start < lanes.length; start += tileLanes) {
    const tile = words.subarray(0, lanes.length - start);
    unpackWordsInto(tile, bytes.subarray((start * bits) / 8), bits);
    lanes.set(tile, start);
  }
}

/** Fills 32-bit words from the low end; what of a lane does not fit the word begins the next. */
function packStreamInto(bytes: Uint8Array, lanes: Uint32Array, bits: number): void {
  const view = viewOf(bytes);
  const mask = lowBits(bits);
  let word = 0;
  let filled = 0;
  let at = 0;
  for (let i = 0; i < lanes.length; i++) {
    const lane = lanes[i]! & mask;
    word |= lane << filled;
    filled += bits;
    if (filled >= 32) {
      view.setInt32(at, word, true);
      at += 4;
      filled -= 32;
      // JavaScript takes a shift by 32 for one by 0, but a stream lane has at most 31 bits: this shifts by 1 to 31.
      word = lane >>> (bits - filled);
    }
  }
  for (; filled > 0; filled -= 8, at++, word >>>= 8) bytes[at] = word;
}

/** Takes lanes from 32-bit words from the low end; a lane that ends in the next word is joined of both. */
function unpackStreamInto(lanes: Uint32Array, bytes: Uint8Array, bits: number): void {
  const view = viewOf(bytes);
  const mask = lowBits(bits);
  let word = 0;
  let held = 0;
  let at = 0;
  for (let i = 0; i < lanes.length; i++) {
    if (held >= bits) {
      lanes[i] = word & mask;
      word >>>= bits;
      held -= bits;
    } else {
      const next = at + 4 <= bytes.length ? view.getInt32(at, true) : lastWord(bytes, at);
      at += 4;
      lanes[i] = (word | (next << held)) & mask;
      // `bits - held` is 1 to 31, as a stream lane has at most 31 bits and `held` is below it.
      word = next >>> (bits - held);
      held += 32 - bits;
    }
  }
}

/** The one to three bytes from `at` to the end as a word; 0 when there is none. */
function lastWord(bytes: Uint8Array, at: number): number {
  let word = 0;
  for (let i = bytes.length - 1; i >= at; i--) word = (word << 8) | bytes[i]!;
  return word;
}

/** Lanes of three whole bytes need no carry from one to the next: 1.4 times the speed of the bit stream, and the same bytes. */
function pack24Into(bytes: Uint8Array, lanes: Uint32Array): void {
  for (let i = 0, at = 0; i < lanes.length; i++, at += 3) {
    const lane = lanes[i]!;
    bytes[at] = lane;
    bytes[at + 1] = lane >>> 8;
    bytes[at + 2] = lane >>> 16;
  }
}

function unpack24Into(lanes: Uint32Array, bytes: Uint8Array): void {
  for (let i = 0, at = 0; i < lanes.length; i++, at += 3) lanes[i] = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16);
}

/** Lanes in memory are little endian (see `createLanes`), as packed ones are: at their full width they are copied. */
function bytesOf(lanes: Lanes): Uint8Array {
  return new Uint8Array(lanes.buffer, lanes.byteOffset, lanes.byteLength);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** A mask of the low `bits` bits, as a 32-bit integer so that the loops stay in integers. */
function lowBits(bits: number): number {
  return (2 ** bits - 1) | 0;
}
