/**
 * Cohort indices as 4 bytes each, big endian: one field of a transcript. What is not an index (negative, fractional, 2^32 and more)
 * becomes some other index's bytes: who compares lists of peers checks them first.
 */
export function indexBytes(indices: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(4 * indices.length);
  const view = new DataView(bytes.buffer);
  for (const [position, index] of indices.entries()) view.setUint32(4 * position, index);
  return bytes;
}

/** Whether every entry is an index below `cohortSize` and greater than the one before it. */
export function isAscending(indices: readonly number[], cohortSize: number): boolean {
  return indices.every((index, i) => Number.isInteger(index) && index >= 0 && index < cohortSize && (i === 0 || index > indices[i - 1]!));
}

/** Whether two lists hold the same indices in the same order. */
export function sameIndices(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((index, i) => index === b[i]);
}
