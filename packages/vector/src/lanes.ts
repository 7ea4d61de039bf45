import { FlError } from "@sotto/base";

/** L = 2^(q-1) - 1 of SECAGG 2.7: the largest magnitude one client puts into one lane. @throws FlError `invalid-argument` unless q is 8 to 31 */
export function laneLimit(quantisationBits: number): number {
  if (!Number.isInteger(quantisationBits) || quantisationBits < 8 || quantisationBits > 31) {
    throw new FlError("invalid-argument", `quantisation bits ${quantisationBits} must be 8 to 31`);
  }
  return 2 ** (quantisationBits - 1) - 1;
}

/**
 * b = ceil(log2(2 n L + 1)) of SECAGG 2.7: the bits a lane needs so that the sum of n clients at ±L reads back as two's complement.
 * @throws FlError `invalid-argument` when b is above 32, which for three clients or more is so at q = 31
 */
export function laneBits(session: { readonly cohortSize: number; readonly quantisationBits: number }): number {
  const { cohortSize, quantisationBits } = session;
  if (!Number.isInteger(cohortSize) || cohortSize < 1 || cohortSize >= 2 ** 21) {
    throw new FlError("invalid-argument", `cohort size ${cohortSize} must be an integer from 1 to ${2 ** 21 - 1}`);
  }
  // Below 2^21 * 2^31 = 2^52: exact, so that no logarithm has to be rounded.
  const valueCount = 2 * cohortSize * laneLimit(quantisationBits) + 1;
  let bits = 8;
  while (2 ** bits < valueCount) bits++;
  if (bits <= 32) return bits;
  throw new FlError(
    "invalid-argument",
    `${cohortSize} clients at ${quantisationBits} quantisation bits need lanes of ${bits} bits, and a lane has at most 32`,
  );
}
