import { type Keystream, keystream, keystreamTileBytes } from "@sotto/crypto";
import {
  createLaneAdder,
  createPlainLaneAdder,
  type EncodedContribution,
  type LaneAdder,
  type Lanes,
  type MaskedContribution,
  type MaskedSum,
  type UnmaskedSum,
} from "@sotto/vector";

/**
 * One mask of a contribution: the stream of a key of 32 bytes, lane l at byte 2 l for lanes of 16 bits and 4 l for lanes of 32, little endian, added
 * or taken away (SECAGG 2.9).
 */
export interface MaskStream {
  /** Secret; for this stream alone. */
  readonly key: Uint8Array;
  readonly sign: 1 | -1;
}

/** The masks of a contribution, or those left in a sum. Whoever is handed them wipes the keys. */
export type MaskStreams = readonly MaskStream[];

/** The lanes from `start` up to but not including `end` of a vector. Others are neither read nor written: ranges may be masked side by side. */
export interface LaneRange {
  readonly lanes: Lanes;
  readonly start: number;
  readonly end: number;
}

/**
 * Adds every mask to a contribution, lanes modulo 2^16 or 2^32. The array itself is masked and handed back under its new name: the caller gives up the
 * old one. The result is uniform to who lacks a key, whichever low bits of its lanes are sent. Blocks the thread for about 0.1 s for 10^6 lanes
 * and 100 masks: a `Masker` does not.
 * @throws FlError `invalid-argument` on a key that has not 32 bytes; the contribution is then no longer of use
 */
export function maskInto(encoded: EncodedContribution, masks: MaskStreams): MaskedContribution {
  addMasksInto(wholeOf(encoded), masks, adderFor(encoded, masks.length));
  const masked: Lanes = encoded;
  return masked as MaskedContribution;
}

/**
 * Takes the masks that are left in a sum away from it and cuts its lanes to their low `bits`, 8 to 32: the sum of the survivors' lanes modulo 2^bits.
 * The array itself is changed and handed back under its new name: the caller gives up the old one.
 * @throws FlError `invalid-argument` on a key that has not 32 bytes; the sum is then no longer of use
 */
export function removeMasksInto(sum: MaskedSum, masks: MaskStreams, bits: number): UnmaskedSum {
  takeMasksInto(wholeOf(sum), { masks, bits }, adderFor(sum, masks.length));
  const unmasked: Lanes = sum;
  return unmasked as UnmaskedSum;
}

/** {@link maskInto} for a range of lanes: what one worker does. `adder` is one that {@link createMaskAdder} made for lanes of this width. */
export function addMasksInto(range: LaneRange, masks: MaskStreams, adder: LaneAdder): void {
  try {
    for (let first = 0; first < masks.length; first += streamsAtOnce) {
      addStreamsInto(range, masks.slice(first, first + streamsAtOnce), adder);
    }
  } finally {
    adder.wipe();
  }
}

/** {@link removeMasksInto} for a range of lanes: what one worker does. `adder` is one that {@link createMaskAdder} made for lanes of this width. */
export function takeMasksInto(
  range: LaneRange,
  { masks, bits }: { readonly masks: MaskStreams; readonly bits: number },
  adder: LaneAdder,
): void {
  addMasksInto(range, masks.map(opposite), adder);
  cutInto(range, bits);
}

/** An adder for lanes of 16 or 32 bits that takes a tile of keystream. It is made in 0.1 ms; whoever masks often keeps it. */
export function createMaskAdder(laneWidth: 16 | 32): LaneAdder {
  return createLaneAdder({ bits: laneWidth, tileBytes: keystreamTileBytes });
}

/**
 * Ciphers open at once. A stream is read from end to end by one cipher, and every stream passes over a tile while that is in cache, so all of them are open
 * together, 1 to 5 KB each. 10,000 streams, as a server of 1000 clients may have, take 80 passes over the lanes, which is nothing to 10,000 streams.
 */
const streamsAtOnce = 128;

/** Below this much keystream an adder in plain JavaScript is done before the other is made. */
const plainBytesMax = 2 ** 18;

type KeystreamReader = ReturnType<Keystream["open"]>;

/** One or two open streams of the same sign. */
interface StreamPair {
  readonly readers: readonly KeystreamReader[];
  readonly sign: 1 | -1;
}

function addStreamsInto(range: LaneRange, masks: MaskStreams, adder: LaneAdder): void {
  const opened: KeystreamReader[] = [];
  const byteOffset = range.lanes.BYTES_PER_ELEMENT * range.start;
  try {
    for (const { key } of masks) opened.push(keystream.open({ key, byteOffset }));
    const signed = (sign: 1 | -1): StreamPair[] =>
      pairsOf(opened.filter((_, i) => masks[i]?.sign === sign)).map((readers) => ({ readers, sign }));
    applyInto(range, [...signed(1), ...signed(-1)], adder);
  } finally {
    for (const reader of opened) reader.close();
  }
}

function pairsOf<T>(all: readonly T[]): (readonly T[])[] {
  return Array.from({ length: Math.ceil(all.length / 2) }, (_, i) => all.slice(2 * i, 2 * i + 2));
}

function applyInto({ lanes, start, end }: LaneRange, pairs: readonly StreamPair[], adder: LaneAdder): void {
  for (let at = start; at < end; at += adder.tileLanes) {
    const tile = lanes.subarray(at, Math.min(at + adder.tileLanes, end));
    const first = adder.sources[0].subarray(0, tile.byteLength);
    const second = adder.sources[1].subarray(0, tile.byteLength);
    adder.load(tile);
    for (const { readers, sign } of pairs) {
      readers[0]?.readInto(first);
      readers[1]?.readInto(second);
      const sourceCount = readers.length === 2 ? 2 : 1;
      if (sign === 1) adder.add(sourceCount);
      else adder.subtract(sourceCount);
    }
    adder.storeInto(tile);
  }
}

function cutInto({ lanes, start, end }: LaneRange, bits: number): void {
  if (bits === 8 * lanes.BYTES_PER_ELEMENT) return;
  const low = 2 ** bits - 1;
  if (lanes instanceof Uint16Array) for (let lane = start; lane < end; lane++) lanes[lane]! &= low;
  else for (let lane = start; lane < end; lane++) lanes[lane]! &= low;
}

function opposite({ key, sign }: MaskStream): MaskStream {
  return { key, sign: sign === 1 ? -1 : 1 };
}

function wholeOf(lanes: Lanes): LaneRange {
  return { lanes, start: 0, end: lanes.length };
}

function adderFor(lanes: Lanes, maskCount: number): LaneAdder {
  const width = lanes.BYTES_PER_ELEMENT === 2 ? 16 : 32;
  if (lanes.byteLength * maskCount > plainBytesMax) return createMaskAdder(width);
  const tileBytes = Math.min(keystreamTileBytes, 256 * Math.max(1, Math.ceil(lanes.byteLength / 256)));
  return createPlainLaneAdder({ bits: width, tileBytes });
}
