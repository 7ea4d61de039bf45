import { FlError, type Outcome, ok, type Refusal, refused } from "@sotto/base";
import { addInto, type MaskedSum, packedSize, unpackLanes } from "@sotto/vector";

/** How contributions are packed. */
export interface LaneWidth {
  readonly laneCount: number;
  /** 8 to 32. */
  readonly bits: number;
}

/** Whether a contribution of `sizeBytes` can be one of these lanes: asked when an upload is declared, before a byte of it is taken. */
export function checkLaneWidth(sizeBytes: number, width: LaneWidth): Outcome<number, Refusal<"wrong-lane-width">> {
  const expected = packedSize(width);
  if (sizeBytes === expected) return ok(expected);
  return refused(
    "wrong-lane-width",
    `contribution of ${sizeBytes} bytes must be ${expected}: ${width.laneCount} lanes of ${width.bits} bits`,
  );
}

/**
 * The sum of the masked contributions of a session, added on arrival, lanes modulo 2^32: memory is that of one vector, however many clients
 * there are (SECAGG 2.11). Order never matters.
 */
export class Accumulator {
  #lanes: Uint32Array | null;
  #count = 0;

  constructor(laneCount: number) {
    this.#lanes = new Uint32Array(laneCount);
  }

  /** Contributions in the sum. */
  get count(): number {
    return this.#count;
  }

  /**
   * Adds one contribution packed with `bits` a lane, the same for every one; keeps no reference to it.
   * @throws FlError `invalid-argument` on a size that {@link checkLaneWidth} refuses, `failed-precondition` after {@link dispose}
   */
  add(packed: Uint8Array, bits: number): void {
    const lanes = this.#held();
    addInto(lanes, unpackLanes({ bytes: packed, laneCount: lanes.length, bits }));
    this.#count++;
  }

  /** A copy of the sum, the caller's. @throws FlError `failed-precondition` after {@link dispose} */
  sum(): MaskedSum {
    return Uint32Array.from(this.#held()) as MaskedSum;
  }

  /** Lets the sum go. */
  dispose(): void {
    this.#lanes = null;
  }

  #held(): Uint32Array {
    if (this.#lanes === null) throw new FlError("failed-precondition", "the accumulator is disposed of");
    return this.#lanes;
  }
}
