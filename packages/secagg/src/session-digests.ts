import type { Members } from "@sotto/base";
import { sha256, transcript } from "@sotto/crypto";

/** D2 of SECAGG 2.8, 32 bytes: a cohort and who of it dealt shares. */
export function dealersDigest(cohortDigest: Uint8Array, dealers: Members): Uint8Array {
  return sha256(transcript("D2", cohortDigest, dealers));
}

/** D3 of SECAGG 2.8, 32 bytes: a cohort, its dealers, and whose contribution is in the sum. */
export function survivorsDigest(dealersDigest: Uint8Array, survivors: Members): Uint8Array {
  return sha256(transcript("D3", dealersDigest, survivors));
}
