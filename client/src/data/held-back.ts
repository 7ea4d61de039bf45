import { utf8 } from "@sotto/base";
import { sha256, transcript, u32Bytes } from "@sotto/crypto";
import type { DataSchema } from "@sotto/protocol";

/**
 * Whether a row is held back from training: a stable choice by the row's cells and the plan's seed. The same row falls on the
 * same side in every round, on every machine and wherever it stands in the file, and so do its duplicates: none leaks across.
 */
export function isHeldBack(cells: readonly string[], { fraction, seed }: DataSchema["heldBack"]): boolean {
  const hash = sha256(transcript("sotto/held-back/v1", u32Bytes(seed), ...cells.map(utf8)));
  const position = new DataView(hash.buffer, hash.byteOffset).getUint32(0) / 2 ** 32;
  return position < fraction;
}
