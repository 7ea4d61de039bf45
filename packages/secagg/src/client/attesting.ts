import { hasMember, isSubset, type Members, memberCount, type Outcome, ok, refused } from "@sotto/base";
import { attestationStatement } from "../attestation.ts";
import type { AttestRequest } from "../messages.ts";
import type { SecaggRefusal } from "../refusal.ts";
import { survivorsDigest } from "../session-digests.ts";
import { signStatement } from "../statement.ts";
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
  const checked = checkSurvivors(state, request.survivors);
  if (checked.kind === "refused") return checked;
  const { seat, dealers, dealersDigest, neighbours, held } = state;
  const digest = survivorsDigest(dealersDigest, request.survivors);
  const signature = signStatement(seat.cohort.contextDigest, attestationStatement(digest), seat.sign);
  const survivors = checked.value;
  return ok({
    signature,
    state: { stage: "revealing", seat, dealers, dealersDigest, neighbours, held, survivors, survivorsDigest: digest },
  });
}

function checkSurvivors({ seat, dealers }: AttestingState, survivors: Members): Outcome<Members, SecaggRefusal> {
  const { survivorsMin, threshold } = seat.cohort.parameters;
  if (!isSubset(survivors, dealers)) return refused("survivor-not-dealer", "a survivor is not among the dealers");
  if (!hasMember(survivors, seat.index)) {
    return refused("self-missing", `client ${seat.index} sent a contribution and is not among the survivors`);
  }
  const count = memberCount(survivors);
  if (count < survivorsMin) return refused("too-few-survivors", `${count} survivors must be at least ${survivorsMin}`);
  // It gives its own seed away whole, so that nobody need collect shares of it: were its holders not counted here, a coordinator could open it alone by
  // declaring all its neighbours dropped. With t of them left, its part of the graph is as large as G2 asks (SECAGG 2.5).
  const holding = seat.holders.filter((holder) => hasMember(survivors, holder)).length;
  if (holding < threshold) return refused("too-few-holders", `${holding} surviving holders must be at least the threshold ${threshold}`);
  return ok(survivors);
}
