import { FlError, type Outcome, ok, type Refusal, refused } from "@sotto/base";

/**
 * Lanes of a session with b bits: of 16 bits each when b ≤ 16, else of 32. All arithmetic on them is modulo 2^16 or 2^32 (SECAGG 2.7).
 * Made by {@link createLanes}.
 */
export type Lanes = Uint16Array | Uint32Array;

/** The most bits a lane has. */
const laneBitsMax = 32;

/** Lanes of up to this many bytes are copied to shared memory in no time. */
const unsharedBytesMax = 65_536;

const littleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** L = 2^(q-1) - 1 of SECAGG 2.7: the largest magnitude one client puts into one lane. @throws FlError `invalid-argument` unless q is 8 to 31 */
export function laneLimit(quantisationBits: number): number {
  if (!Number.isInteger(quantisationBits) || quantisationBits < 8 || quantisationBits > 31) {
    throw new FlError("invalid-argument", `quantisation bits ${quantisationBits} must be 8 to 31`);
  }
  return 2 ** (quantisationBits - 1) - 1;
}

/** Who sums what: with these a lane has its bits. */
export interface LaneSession {
  /** n: clients of the session, 1 to 2^21 - 1. */
  readonly cohortSize: number;
  /** q: 8 to 31. */
  readonly quantisationBits: number;
}

/**
 * b = ceil(log2(2 n L + 1)) of SECAGG 2.7: the bits a lane needs so that the sum of n clients at ±L reads back as two's complement.
 * @throws FlError `invalid-argument` when b is above 32, which for three clients or more is so at q = 31
 */
export function laneBits(session: LaneSession): number {
  const bits = neededBits(session);
  if (bits <= laneBitsMax) return bits;
  throw new FlError("invalid-argument", `${tooWide(session, bits)}, and a lane has at most ${laneBitsMax}`);
}

/**
 * The bits a plan says its lanes have, once they are those that {@link laneBits} computes. Refused as `wrong-lane-width` when they are not, or
 * when more than 32 are needed: fewer bits would wrap the sum, more would only be sent.
 * @throws FlError `invalid-argument` when the session is out of range
 */
export function checkLaneBits(plan: LaneSession & { readonly bits: number }): Outcome<number, Refusal<"wrong-lane-width">> {
  const needed = neededBits(plan);
  if (plan.bits === needed && needed <= laneBitsMax) return ok(needed);
  return refused("wrong-lane-width", `lanes of ${plan.bits} bits are not what the plan needs: ${tooWide(plan, needed)}`);
}

/**
 * Fresh lanes of 0, each wide enough for `bits`; the caller's.
 * @throws FlError `invalid-argument` unless bits is 8 to 32; `unimplemented` on a big-endian machine, whose lanes would take a mask's bytes in
 * another order than its peers' do
 */
export function createLanes({ laneCount, bits }: { readonly laneCount: number; readonly bits: number }): Lanes {
  if (!littleEndian) throw bigEndian();
  return laneWidth(bits) === 16 ? new Uint16Array(laneCount) : new Uint32Array(laneCount);
}

/**
 * {@link createLanes} in memory that threads share, so that workers mask them in place: 10^7 lanes take 60 ms to be copied to such memory and back.
 * Ordinary lanes where that is not worth it (up to 64 KiB), or where the host shares no memory, as browsers do not without cross-origin isolation.
 * What is only ever read and written by one thread is faster in ordinary ones.
 * @throws FlError as {@link createLanes}
 */
export function createSharedLanes({ laneCount, bits }: { readonly laneCount: number; readonly bits: number }): Lanes {
  const sizeBytes = (laneWidth(bits) / 8) * laneCount;
  if (sizeBytes <= unsharedBytesMax || typeof SharedArrayBuffer === "undefined") return createLanes({ laneCount, bits });
  if (!littleEndian) throw bigEndian();
  const memory = new SharedArrayBuffer(sizeBytes);
  return laneWidth(bits) === 16 ? new Uint16Array(memory) : new Uint32Array(memory);
}

/** The bits of a lane in memory: 16 or 32. @throws FlError `invalid-argument` unless bits is 8 to 32 */
export function laneWidth(bits: number): 16 | 32 {
  if (!Number.isInteger(bits) || bits < 8 || bits > laneBitsMax) {
    throw new FlError("invalid-argument", `lanes of ${bits} bits must have 8 to ${laneBitsMax}`);
  }
  return bits <= 16 ? 16 : 32;
}

function neededBits({ cohortSize, quantisationBits }: LaneSession): number {
  if (!Number.isInteger(cohortSize) || cohortSize < 1 || cohortSize >= 2 ** 21) {
    throw new FlError("invalid-argument", `cohort size ${cohortSize} must be an integer from 1 to ${2 ** 21 - 1}`);
  }
  // Below 2^21 * 2^31 = 2^52: exact, so that no logarithm has to be rounded.
  const valueCount = 2 * cohortSize * laneLimit(quantisationBits) + 1;
  let bits = 8;
  while (2 ** bits < valueCount) bits++;
  return bits;
}

function tooWide({ cohortSize, quantisationBits }: LaneSession, bits: number): string {
  return `${cohortSize} clients at ${quantisationBits} quantisation bits need lanes of ${bits} bits`;
}

function bigEndian(): FlError {
  return new FlError("unimplemented", "lanes need a little-endian machine");
}
