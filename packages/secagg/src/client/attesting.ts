import { hasMember, isSubset, type Members, memberCount, memberIndices, type Outcome, ok, refused } from "@sotto/base";
import { signAttestation } from "../attestation.ts";
import { verificationKeyOf } from "../cohort.ts";
import { verifyHeader } from "../header.ts";
import { isAscending } from "../indices.ts";
import type { AttestRequest, SignedHeader } from "../messages.ts";
import type { SecaggRefusal } from "../refusal.ts";
import { survivorsDigest } from "../session-digests.ts";
import type { AttestingState, RevealingState } from "./state.ts";

/** A client that has attested one survivor set. */
export interface Attested {
  /** Ed25519 over D3, 64 bytes. */
  readonly signature: Uint8Array;
  readonly state: RevealingState;
}

/**
 * S3 of SECAGG 2.8: accepts the survivor set or says why not, and signs it. A client signs one set a session, ever: who calls this a second
 * time from the same state helps the coordinator to two sums, so the result is made durable before it is sent.
 */
export function attest(state: AttestingState, request: AttestRequest): Outcome<Attested, SecaggRefusal> {
  const survivors = checkSurvivors(state, request.survivors);
  if (survivors.kind === "refused") return survivors;
  const headers = checkHeaders(state, request);
  if (headers.kind === "refused") return headers;
  const { seat, dealers, dealersDigest, held } = state;
  const digest = survivorsDigest(dealersDigest, request.survivors);
  const signature = signAttestation({ contextDigest: seat.cohort.contextDigest, survivorsDigest: digest }, seat.signingKey);
  const next = { stage: "revealing", seat, dealers, dealersDigest, held, survivors: request.survivors, survivorsDigest: digest } as const;
  return ok({ signature, state: next });
}

function checkSurvivors({ seat, dealers }: AttestingState, survivors: Members): Outcome<Members, SecaggRefusal> {
  const { survivorsMin } = seat.cohort.parameters;
  if (!isSubset(survivors, dealers)) return refused("survivor-not-dealer", "a survivor is not among the dealers");
  if (!hasMember(survivors, seat.index))
    return refused("self-missing", `client ${seat.index} sent a contribution and is not among the survivors`);
  const count = memberCount(survivors);
  if (count < survivorsMin) return refused("too-few-survivors", `${count} survivors must be at least ${survivorsMin}`);
  return ok(survivors);
}

/** Every other survivor must have masked with exactly these dealers: else the coordinator showed it other ones, so that its masks die with them. */
function checkHeaders(state: AttestingState, request: AttestRequest): Outcome<readonly SignedHeader[], SecaggRefusal> {
  const { cohort, index } = state.seat;
  const binding = { contextDigest: cohort.contextDigest, dealersDigest: state.dealersDigest };
  const byIndex = new Map(request.headers.map((signed) => [signed.index, signed.header]));
  for (const survivor of memberIndices(request.survivors)) {
    if (survivor === index) continue;
    const header = byIndex.get(survivor);
    if (header === undefined) return refused("missing-header", `the header of survivor ${survivor} is missing`);
    if (!isAscending(header.complaints, cohort.adverts.length)) {
      return refused("malformed", `complaints of survivor ${survivor} are not cohort indices in order`);
    }
    if (!verifyHeader(binding, header, verificationKeyOf(cohort, survivor))) {
      return refused("bad-signature", `header of survivor ${survivor} is not signed by it for these dealers`);
    }
  }
  return ok(request.headers);
}
