import { digestBytes, equalBytes } from "@sotto/base";
import { ed25519Sign, ed25519Verify, transcript } from "@sotto/crypto";
import { indexBytes, sameIndices } from "./indices.ts";
import type { MaskedHeader } from "./messages.ts";

/** What a header says, before it is signed. */
export type HeaderContent = Omit<MaskedHeader, "signature">;

/** What a header is bound to. */
export interface HeaderBinding {
  readonly contextDigest: Uint8Array;
  /** D2: the dealers whose masks are in the contribution. */
  readonly dealersDigest: Uint8Array;
}

/** S2 of SECAGG 2.8: states whose masks are in a contribution, and which dealers' shares were bad. */
export function signHeaderContent(binding: HeaderBinding, content: HeaderContent, signingKey: Uint8Array): MaskedHeader {
  return { ...content, signature: ed25519Sign(signingKey, headerMessage(binding, content)) };
}

/** Whether the owner of `verificationKey` signed this header for this session and these dealers. */
export function verifyHeader(binding: HeaderBinding, header: MaskedHeader, verificationKey: Uint8Array): boolean {
  return ed25519Verify(verificationKey, headerMessage(binding, header), header.signature);
}

/** Whether two headers are the same bytes. */
export function sameHeader(a: MaskedHeader, b: MaskedHeader): boolean {
  return a.contributionDigest === b.contributionDigest && sameIndices(a.complaints, b.complaints) && equalBytes(a.signature, b.signature);
}

function headerMessage({ contextDigest, dealersDigest }: HeaderBinding, { contributionDigest, complaints }: HeaderContent): Uint8Array {
  return transcript("msk", contextDigest, dealersDigest, digestBytes(contributionDigest), indexBytes(complaints));
}
