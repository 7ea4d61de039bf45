import { digestBytes, equalBytes } from "@sotto/base";
import type { Signer } from "@sotto/crypto";
import { indexBytes, sameIndices } from "./indices.ts";
import type { MaskedHeader } from "./messages.ts";
import { type Statement, signStatement } from "./statement.ts";

/** What a header says, before it is signed. */
export type HeaderContent = Omit<MaskedHeader, "signature">;

/** What a header is bound to. */
export interface HeaderBinding {
  readonly contextDigest: Uint8Array;
  /** D2: the dealers whose masks are in the contribution. */
  readonly dealersDigest: Uint8Array;
}

/** S2 of SECAGG 2.8: states whose masks are in a contribution, which dealers' shares were bad, and which are held. */
export function signHeaderContent(binding: HeaderBinding, content: HeaderContent, sign: Signer): MaskedHeader {
  return { ...content, signature: signStatement(binding.contextDigest, headerStatement(binding.dealersDigest, content), sign) };
}

/** What a header states. */
export function headerStatement(dealersDigest: Uint8Array, { contributionDigest, complaints, heldRoot }: HeaderContent): Statement {
  return { label: "msk", fields: [dealersDigest, digestBytes(contributionDigest), indexBytes(complaints), heldRoot] };
}

/** Whether two headers are the same bytes. */
export function sameHeader(a: MaskedHeader, b: MaskedHeader): boolean {
  return (
    a.contributionDigest === b.contributionDigest &&
    sameIndices(a.complaints, b.complaints) &&
    equalBytes(a.heldRoot, b.heldRoot) &&
    equalBytes(a.signature, b.signature)
  );
}
