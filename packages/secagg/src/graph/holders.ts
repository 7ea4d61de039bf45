import { FlError, type Rng } from "@sotto/base";

/** A client that draws its holders. */
export interface HolderDraw {
  readonly cohortSize: number;
  /** The client's own. */
  readonly index: number;
  /** At most all others. */
  readonly holderCount: number;
  /** The client's own too: whoever could foresee its holders could choose the cohort by them. */
  readonly rng: Rng;
}

/** Words that are rejected in a row before the generator is taken to be broken: one is with a probability below 2^-18, so all with one below 2^-144. */
const rejectionsMax = 8;

/**
 * O(i) of SECAGG 2.5: clients drawn uniformly without replacement from all but the one that draws, ascending. A share's coordinate is its holder's position
 * in this list + 1.
 * @throws FlError `invalid-argument` unless the index is in the cohort and the holders are at most the others; `internal` when `rng` is broken
 */
export function drawHolders({ cohortSize, index, holderCount, rng }: HolderDraw): readonly number[] {
  if (!Number.isInteger(holderCount) || holderCount < 0 || holderCount >= cohortSize) {
    throw new FlError("invalid-argument", `${holderCount} holders must be from 0 to ${cohortSize - 1}, all others`);
  }
  const others = Uint32Array.from(everybodyElse(cohortSize, index));
  const words = rng.bytes(4 * holderCount);
  // The first steps of a Fisher-Yates shuffle: Knuth, The Art of Computer Programming 2, section 3.4.2, algorithm P.
  for (let drawn = 0; drawn < holderCount; drawn++) {
    const chosen = drawn + integerBelow(others.length - drawn, words.subarray(4 * drawn), rng);
    const holder = others[chosen]!;
    others[chosen] = others[drawn]!;
    others[drawn] = holder;
  }
  return [...others.subarray(0, holderCount).sort()];
}

/** Everybody but `index`, ascending: O(i) of the complete graph. @throws FlError `invalid-argument` unless the index is in the cohort */
export function everybodyElse(cohortSize: number, index: number): readonly number[] {
  if (!Number.isInteger(index) || index < 0 || index >= cohortSize) {
    throw new FlError("invalid-argument", `client ${index} must be from 0 to ${cohortSize - 1}`);
  }
  return Array.from({ length: cohortSize - 1 }, (_, position) => (position < index ? position : position + 1));
}

/** A uniform integer from 0 to `bound` - 1, made of the first 4 bytes of `word`; of fresh ones while those would favour the small ones. */
function integerBelow(bound: number, word: Uint8Array, rng: Rng): number {
  const unbiased = 2 ** 32 - (2 ** 32 % bound);
  let bytes = word;
  for (let rejections = 0; rejections < rejectionsMax; rejections++) {
    const value = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
    if (value < unbiased) return value % bound;
    bytes = rng.bytes(4);
  }
  throw new FlError("internal", `random words were rejected ${rejectionsMax} times in a row, so the generator is broken`);
}
