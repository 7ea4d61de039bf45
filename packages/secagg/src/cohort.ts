import { invariant, type Outcome, ok, refused, toHex, utf8 } from "@sotto/base";
import { sha256, transcript } from "@sotto/crypto";
import { checkAdvert } from "./advert.ts";
import type { EnrolledKeys } from "./enrolled-keys.ts";
import type { Advert, Tolerance } from "./messages.ts";
import { feasibleParameters, type SessionParameters } from "./parameters.ts";
import type { SecaggRefusal } from "./refusal.ts";

/** The clients of a session, in order: U1 of SECAGG 2.8. From here on a client is its index. */
export interface Cohort {
  /** The context digest of the session. */
  readonly contextDigest: Uint8Array;
  /** D1, 32 bytes. */
  readonly digest: Uint8Array;
  /** Ascending by client id. */
  readonly adverts: readonly Advert[];
  /** Ed25519 public keys, in the order of `adverts`. */
  readonly verificationKeys: readonly Uint8Array[];
  readonly parameters: SessionParameters;
}

/** What a proposed cohort is judged by. */
export interface CohortRule {
  readonly enrolled: EnrolledKeys;
  readonly tolerance: Tolerance;
  /** Fewest clients. */
  readonly cohortSizeMin: number;
}

/** Checks all that can be wrong with a list of adverts: size, order, enrolment, signatures and equal keys. S1 of SECAGG 2.8. */
export function checkCohort(contextDigest: Uint8Array, adverts: readonly Advert[], rule: CohortRule): Outcome<Cohort, SecaggRefusal> {
  if (adverts.length < rule.cohortSizeMin) {
    return refused("cohort-too-small", `cohort of ${adverts.length} clients must have at least ${rule.cohortSizeMin}`);
  }
  const parameters = feasibleParameters({ cohortSize: adverts.length, tolerance: rule.tolerance });
  if (parameters.kind === "refused") return parameters;
  const unsorted = adverts.findIndex((advert, i) => i > 0 && advert.client <= adverts[i - 1]!.client);
  if (unsorted >= 0) return refused("cohort-not-sorted", `client ${adverts[unsorted]!.client} does not come after the one before it`);
  const shared = repeatedKey(adverts);
  if (shared !== null) return refused("duplicate-key", `client ${shared.client} repeats a session key`);
  const verificationKeys: Uint8Array[] = [];
  for (const advert of adverts) {
    const checked = checkAdvert(contextDigest, advert, rule.enrolled);
    if (checked.kind === "refused") return checked;
    verificationKeys.push(checked.value);
  }
  return ok({ contextDigest, digest: cohortDigest(contextDigest, adverts), adverts, verificationKeys, parameters: parameters.value });
}

/** The first advert with a session key that it or one before it already has; null when all keys are distinct. */
export function repeatedKey(adverts: Iterable<Advert>): Advert | null {
  const seen = new Set<string>();
  for (const advert of adverts) {
    for (const key of [toHex(advert.maskKey), toHex(advert.envelopeKey)]) {
      if (seen.has(key)) return advert;
      seen.add(key);
    }
  }
  return null;
}

/** Everybody but `index`, ascending: O(i) of the complete graph, SECAGG 2.5. */
export function holdersOf(cohortSize: number, index: number): readonly number[] {
  return Array.from({ length: cohortSize - 1 }, (_, position) => (position < index ? position : position + 1));
}

/** The verification key of client `index`, which the caller has bounded. */
export function verificationKeyOf(cohort: Cohort, index: number): Uint8Array {
  const key = cohort.verificationKeys[index];
  invariant(key !== undefined, "client index < cohort size");
  return key;
}

/** D1 of SECAGG 2.8. */
function cohortDigest(contextDigest: Uint8Array, adverts: readonly Advert[]): Uint8Array {
  const fields = adverts.flatMap((advert) => [utf8(advert.client), advert.maskKey, advert.envelopeKey, advert.signature]);
  return sha256(transcript("D1", contextDigest, ...fields));
}
