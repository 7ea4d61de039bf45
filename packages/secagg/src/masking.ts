import { keystream, keystreamTileBytes } from "@sotto/crypto";
import { addInto, type EncodedContribution, type MaskedContribution, type MaskedSum, subtractInto, type UnmaskedSum } from "@sotto/vector";

/** One mask of a contribution: the stream of a key of 32 bytes, lane l at byte 4 l, little endian, added or taken away (SECAGG 2.9). */
export interface MaskStream {
  /** Secret; for this stream alone. */
  readonly key: Uint8Array;
  readonly sign: 1 | -1;
}

/** The masks of a contribution, or those left in a sum. Whoever is handed them wipes the keys. */
export type MaskStreams = readonly MaskStream[];

const laneBytes = 4;

/** Lanes of one tile: every stream passes over a tile while it is in cache, so each lane crosses memory once (SECAGG 5.4). */
const tileLanes = keystreamTileBytes / laneBytes;

/**
 * Adds every mask to a contribution, lanes modulo 2^32. The array itself is masked and handed back under its new name: the caller gives up the
 * old one. The result is uniform to who lacks a key, whichever low bits of its lanes are sent.
 */
export function maskInto(encoded: EncodedContribution, masks: MaskStreams): MaskedContribution {
  applyInto(encoded, masks);
  return encoded as Uint32Array as MaskedContribution;
}

/**
 * Takes the masks that are left in a sum away from it and cuts its lanes to their low `bits`, 8 to 32: the sum of the survivors' lanes modulo 2^bits.
 * The array itself is changed and handed back under its new name: the caller gives up the old one.
 */
export function removeMasksInto(sum: MaskedSum, masks: MaskStreams, bits: number): UnmaskedSum {
  applyInto(sum, masks.map(opposite));
  const low = bits === 32 ? -1 : 2 ** bits - 1;
  for (let lane = 0; lane < sum.length; lane++) sum[lane]! &= low;
  return sum as Uint32Array as UnmaskedSum;
}

function opposite({ key, sign }: MaskStream): MaskStream {
  return { key, sign: sign === 1 ? -1 : 1 };
}

function applyInto(lanes: Uint32Array, masks: MaskStreams): void {
  for (let start = 0; start < lanes.length; start += tileLanes) {
    const tile = lanes.subarray(start, start + tileLanes);
    for (const stream of masks) applyTileInto(tile, stream, start);
  }
}

function applyTileInto(tile: Uint32Array, { key, sign }: MaskStream, start: number): void {
  const bytes = keystream({ key, byteOffset: laneBytes * start, byteLength: laneBytes * tile.length });
  const source = new Uint32Array(bytes.buffer, bytes.byteOffset, tile.length);
  if (sign === 1) addInto(tile, source);
  else subtractInto(tile, source);
}
