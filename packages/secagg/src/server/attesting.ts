import { equalBytes, hasMember, invariant, type Outcome, ok, refused } from "@sotto/base";
import { verifyAttestation } from "../attestation.ts";
import { verificationKeyOf } from "../cohort.ts";
import type { AttestRequest, ConsistencySignature, SignedHeader } from "../messages.ts";
import type { SecaggRefusal } from "../refusal.ts";
import type { AttestingServer, Received, UnmaskingServer } from "./state.ts";

/** What survivor `index` is told at S3 of SECAGG 2.8: whose contributions are in the sum, and the others' headers. */
export function attestRequestFor(server: AttestingServer, index: number): AttestRequest {
  invariant(hasMember(server.survivors, index), "an attest request goes to a survivor");
  const headers = [...server.headers].map(([sender, header]): SignedHeader => ({ index: sender, header }));
  return {
    survivors: server.survivors,
    headers: headers.filter((signed) => signed.index !== index).toSorted((a, b) => a.index - b.index),
  };
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
  if (!verifyAttestation({ contextDigest: cohort.contextDigest, survivorsDigest }, signature, verificationKeyOf(cohort, index))) {
    return refused("bad-signature", `signature of survivor ${index} is not over these survivors`);
  }
  return ok({ state: { ...server, signatures: new Map(signatures).set(index, signature) }, repeated: false });
}

/** Ends S3. Refused without a quorum. */
export function closeSignatures(server: AttestingServer): Outcome<UnmaskingServer, SecaggRefusal> {
  const { cohort, bundles, dealers, survivors, signatures } = server;
  const { quorum } = cohort.parameters;
  if (signatures.size < quorum) return refused("too-few-signatures", `${signatures.size} signatures must be at least the quorum ${quorum}`);
  const sorted = [...signatures].toSorted(([a], [b]) => a - b).map(([index, signature]): ConsistencySignature => ({ index, signature }));
  return ok({ stage: "unmasking", cohort, bundles, dealers, survivors, signatures: sorted.slice(0, quorum), reveals: new Map() });
}
