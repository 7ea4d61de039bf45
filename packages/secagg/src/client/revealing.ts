import { hasMember, type Outcome, ok, refused } from "@sotto/base";
import { attestationStatement } from "../attestation.ts";
import { verifierOf } from "../cohort.ts";
import { headerStatement } from "../header.ts";
import { isAscending } from "../indices.ts";
import type { ConsistencySignature, Reveal, RevealedShare, RevealRequest } from "../messages.ts";
import type { SecaggRefusal } from "../refusal.ts";
import { revealRoot, revealStatement } from "../reveal.ts";
import { signStatement, statementBytes, verifyStatement } from "../statement.ts";
import { type RevealingState, secretsOf } from "./state.ts";

/** A client that is done. */
export interface Revealed {
  /** One share for each dealer whose shares this client holds, and its own self seed. */
  readonly reveal: Reveal;
  /** Everything secret that was left; `reveal` does not alias it. */
  readonly consumed: readonly Uint8Array[];
}

/**
 * S4 of SECAGG 2.8: once a quorum attested the survivors this client attested, and every neighbour among them is known to have masked with its dealers,
 * gives the self share of each survivor and the mask share of each other dealer. Never both of one owner: no second set can have a quorum.
 */
export function reveal(state: RevealingState, request: RevealRequest): Outcome<Revealed, SecaggRefusal> {
  const signers = checkQuorum(state, request.signatures);
  if (signers.kind === "refused") return signers;
  const headers = checkHeaders(state, request, signers.value);
  if (headers.kind === "refused") return headers;
  const { seat, survivors, held } = state;
  const own: RevealedShare = { owner: seat.index, kind: "self", share: Uint8Array.from(seat.selfSeed) };
  const others = held.map(({ dealer, shares }): RevealedShare => {
    const kind = hasMember(survivors, dealer) ? "self" : "mask";
    return { owner: dealer, kind, share: Uint8Array.from(shares[kind]) };
  });
  const shares = [...others, own].sort((a, b) => a.owner - b.owner);
  const statement = revealStatement(state.survivorsDigest, revealRoot(shares));
  const signature = signStatement(seat.cohort.contextDigest, statement, seat.sign);
  return ok({ reveal: { shares, signature }, consumed: secretsOf(state) });
}

/** Who attested the survivors this client attested: at least a quorum. */
function checkQuorum(state: RevealingState, signatures: readonly ConsistencySignature[]): Outcome<ReadonlySet<number>, SecaggRefusal> {
  const { seat, survivors, survivorsDigest } = state;
  const { cohort } = seat;
  const attested = statementBytes(cohort.contextDigest, attestationStatement(survivorsDigest));
  const signers = new Set<number>();
  for (const { index, signature } of signatures) {
    if (!hasMember(survivors, index)) return refused("not-a-member", `signer ${index} is not a survivor`);
    if (signers.has(index)) return refused("duplicate-signer", `survivor ${index} is counted twice`);
    signers.add(index);
    if (!verifierOf(cohort, index)(attested, signature)) {
      return refused("bad-signature", `signature of survivor ${index} is not over the survivors this client attested`);
    }
  }
  const { quorum } = cohort.parameters;
  if (signers.size < quorum) return refused("too-few-signatures", `${signers.size} signatures must be at least the quorum ${quorum}`);
  return ok(signers);
}

/**
 * Every neighbour among the survivors must have masked with exactly these dealers: else the coordinator showed it other ones, so that its masks die with
 * them, and its self share would open it. An honest signer of D3 did, for D3 names them; of the others the header must say so.
 */
function checkHeaders(
  state: RevealingState,
  { headers }: RevealRequest,
  signers: ReadonlySet<number>,
): Outcome<RevealRequest["headers"], SecaggRefusal> {
  const { cohort } = state.seat;
  const { contextDigest } = cohort;
  const byIndex = new Map(headers.map(({ index, header }) => [index, header]));
  for (const neighbour of state.neighbours) {
    if (!hasMember(state.survivors, neighbour) || signers.has(neighbour)) continue;
    const header = byIndex.get(neighbour);
    if (header === undefined) return refused("missing-header", `the header of survivor ${neighbour} is missing`);
    if (!isAscending(header.complaints, cohort.adverts.length)) {
      return refused("malformed", `complaints of survivor ${neighbour} are not cohort indices in order`);
    }
    const signed = { ...headerStatement(state.dealersDigest, header), signature: header.signature };
    if (!verifyStatement(contextDigest, signed, verifierOf(cohort, neighbour))) {
      return refused("bad-signature", `header of survivor ${neighbour} is not signed by it for these dealers`);
    }
  }
  return ok(headers);
}
