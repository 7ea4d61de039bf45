import { hasMember, type Outcome, ok, refused } from "@sotto/base";
import { verifyAttestation } from "../attestation.ts";
import { verificationKeyOf } from "../cohort.ts";
import type { ConsistencySignature, RevealedShare } from "../messages.ts";
import type { SecaggRefusal } from "../refusal.ts";
import { type RevealingState, secretsOf } from "./state.ts";

/** A client that is done. */
export interface Revealed {
  /** One for each dealer whose share this client holds, and its own self seed: ascending by owner. */
  readonly shares: readonly RevealedShare[];
  /** Everything secret that was left; `shares` does not alias it. */
  readonly consumed: readonly Uint8Array[];
}

/**
 * S4 of SECAGG 2.8: once a quorum attested the survivors this client attested, gives the self share of each survivor and the mask share of each
 * other dealer. Never both of one owner: no second set can have a quorum.
 */
export function reveal(state: RevealingState, signatures: readonly ConsistencySignature[]): Outcome<Revealed, SecaggRefusal> {
  const quorum = checkQuorum(state, signatures);
  if (quorum.kind === "refused") return quorum;
  const { seat, survivors, held } = state;
  const own: RevealedShare = { owner: seat.index, kind: "self", share: Uint8Array.from(seat.selfSeed) };
  // The header of every survivor on this client's own D2 was verified before it attested: no survivor masked with other dealers.
  const others = held.map(({ dealer, shares }): RevealedShare => {
    const kind = hasMember(survivors, dealer) ? "self" : "mask";
    return { owner: dealer, kind, share: Uint8Array.from(shares[kind]) };
  });
  const shares = [...others, own].sort((a, b) => a.owner - b.owner);
  return ok({ shares, consumed: secretsOf(state) });
}

function checkQuorum(state: RevealingState, signatures: readonly ConsistencySignature[]): Outcome<number, SecaggRefusal> {
  const { seat, survivors, survivorsDigest } = state;
  const { cohort } = seat;
  const binding = { contextDigest: cohort.contextDigest, survivorsDigest };
  const signers = new Set<number>();
  for (const { index, signature } of signatures) {
    if (!hasMember(survivors, index)) return refused("not-a-member", `signer ${index} is not a survivor`);
    if (signers.has(index)) return refused("duplicate-signer", `survivor ${index} is counted twice`);
    signers.add(index);
    if (!verifyAttestation(binding, signature, verificationKeyOf(cohort, index))) {
      return refused("bad-signature", `signature of survivor ${index} is not over the survivors this client attested`);
    }
  }
  const { quorum } = cohort.parameters;
  if (signers.size < quorum) return refused("too-few-signatures", `${signers.size} signatures must be at least the quorum ${quorum}`);
  return ok(signers.size);
}
