import { invariant, type Outcome, ok, refused, toHex, utf8 } from "@sotto/base";
import { ed25519Verifier, sha256, transcript, type Verifier } from "@sotto/crypto";
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
  /** Check a client's signature, in the order of `adverts`. */
  readonly verifiers: readonly Verifier[];
  readonly parameters: SessionParameters;
}

/** What a proposed cohort is judged by. */
export interface CohortRule {
  readonly enrolled: EnrolledKeys;
  readonly tolerance: Tolerance;
  /** Fewest clients. */
  readonly cohortSizeMin: number;
  /** Ed25519 when left out. Clients simulated in one process share one that remembers, as each of them checks the same signatures. */
  readonly verifierOf?: (verificationKey: Uint8Array) => Verifier;
}

/** What {@link checkCohort} is. */
export type CohortCheck = (contextDigest: Uint8Array, adverts: readonly Advert[], rule: CohortRule) => Outcome<Cohort, SecaggRefusal>;

/** Checks all that can be wrong with a list of adverts: size, order, equal keys, enrolment and signatures. S1 of SECAGG 2.8. */
export function checkCohort(contextDigest: Uint8Array, adverts: readonly Advert[], rule: CohortRule): Outcome<Cohort, SecaggRefusal> {
  const parameters = checkSize(adverts.length, rule);
  if (parameters.kind === "refused") return parameters;
  const unsorted = adverts.findIndex((advert, i) => i > 0 && advert.client <= adverts[i - 1]!.client);
  if (unsorted >= 0) return refused("cohort-not-sorted", `client ${adverts[unsorted]!.client} does not come after the one before it`);
  const shared = repeatedKey(adverts);
  if (shared !== null) return refused("duplicate-key", `client ${shared.client} repeats a session key`);
  const verifiers: Verifier[] = [];
  for (const advert of adverts) {
    const checked = checkAdvert(contextDigest, advert, verifierFor(advert, rule));
    if (checked.kind === "refused") return checked;
    verifiers.push(checked.value);
  }
  return ok(createCohort({ contextDigest, adverts, verifiers, parameters: parameters.value }));
}

/** The parameters of a cohort of this many clients, if that is enough and not too many. */
export function checkSize(cohortSize: number, { tolerance, cohortSizeMin }: CohortRule): Outcome<SessionParameters, SecaggRefusal> {
  if (cohortSize < cohortSizeMin) return refused("cohort-too-small", `cohort of ${cohortSize} clients must have at least ${cohortSizeMin}`);
  return feasibleParameters({ cohortSize, tolerance });
}

/** What checks the signatures of an advert's client; null when it is not enrolled. */
export function verifierFor({ client }: Pick<Advert, "client">, { enrolled, verifierOf = ed25519Verifier }: CohortRule): Verifier | null {
  const verificationKey = enrolled.verificationKey(client);
  return verificationKey === null ? null : verifierOf(verificationKey);
}

/** The cohort of adverts that were checked one by one, ascending by client. */
export function createCohort(checked: Omit<Cohort, "digest">): Cohort {
  return { ...checked, digest: cohortDigest(checked.contextDigest, checked.adverts) };
}

/** The first advert with a session key that it or one before it already has; null when all keys are distinct. */
function repeatedKey(adverts: Iterable<Advert>): Advert | null {
  const seen = new Set<string>();
  for (const advert of adverts) {
    for (const key of [toHex(advert.maskKey), toHex(advert.envelopeKey)]) {
      if (seen.has(key)) return advert;
      seen.add(key);
    }
  }
  return null;
}

/** Whether a session key of the advert is one of another advert, or both of its own are one. */
export function sharesKeyWith(advert: Advert, others: Iterable<{ readonly advert: Advert }>): boolean {
  if (sameBytes(advert.maskKey, advert.envelopeKey)) return true;
  for (const { advert: other } of others) {
    for (const key of [other.maskKey, other.envelopeKey]) {
      if (sameBytes(key, advert.maskKey) || sameBytes(key, advert.envelopeKey)) return true;
    }
  }
  return false;
}

/** What checks the signatures of client `index`, which the caller has bounded. */
export function verifierOf(cohort: Cohort, index: number): Verifier {
  const verifier = cohort.verifiers[index];
  invariant(verifier !== undefined, "client index < cohort size");
  return verifier;
}

/** Public bytes: it may end at the first difference. */
function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** D1 of SECAGG 2.8. */
function cohortDigest(contextDigest: Uint8Array, adverts: readonly Advert[]): Uint8Array {
  const fields = adverts.flatMap((advert) => [utf8(advert.client), advert.maskKey, advert.envelopeKey, advert.signature]);
  return sha256(transcript("D1", contextDigest, ...fields));
}
