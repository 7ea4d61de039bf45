import { equalBytes, hasMember, invariant, type Outcome, ok, refused } from "@sotto/base";
import { attestationStatement } from "../attestation.ts";
import { verifierOf } from "../cohort.ts";
import type { AttestRequest, ConsistencySignature } from "../messages.ts";
import type { SecaggRefusal } from "../refusal.ts";
import { verifyStatement } from "../statement.ts";
import type { AttestingServer, Received, UnmaskingServer } from "./state.ts";

/** What survivor `index` is told at S3 of SECAGG 2.8: whose contributions are in the sum. */
export function attestRequestFor(server: AttestingServer, index: number): AttestRequest {
  invariant(hasMember(server.survivors, index), "an attest request goes to a survivor");
  return { survivors: server.survivors };
}

/** Takes one survivor's signature over D3. */
export function receiveSignature(server: AttestingServer, signed: ConsistencySignature): Outcome<Received<AttestingServer>, SecaggRefusal> {
  const { cohort, survivors, survivorsDigest, signatures } = server;
  const { index, signature } = signed;
  if (!hasMember(survivors, index)) return refused("not-a-member", `client ${index} is not a survivor`);
  const accepted = signatures.get(index);
  if (accepted !== undefined) {
    if (equalBytes(accepted, signature)) return ok({ state: server, repeated: true });
    return refused("conflicting-message", `survivor ${index} sent another signature before`);
  }
  if (!verifyStatement(cohort.contextDigest, { ...attestationStatement(survivorsDigest), signature }, verifierOf(cohort, index))) {
    return refused("bad-signature", `signature of survivor ${index} is not over these survivors`);
  }
  return ok({ state: { ...server, signatures: new Map(signatures).set(index, signature) }, repeated: false });
}

/** Ends S3. Refused without a quorum. */
export function closeSignatures(server: AttestingServer): Outcome<UnmaskingServer, SecaggRefusal> {
  const { signatures, stage: _, ...known } = server;
  const { quorum } = server.cohort.parameters;
  if (signatures.size < quorum) return refused("too-few-signatures", `${signatures.size} signatures must be at least the quorum ${quorum}`);
  const sorted = [...signatures]
    .map(([index, signature]): ConsistencySignature => ({ index, signature }))
    .sort((a, b) => a.index - b.index);
  return ok({ ...known, stage: "unmasking", signatures: sorted.slice(0, quorum), reveals: new Map() });
}
