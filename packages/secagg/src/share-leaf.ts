import { concatBytes, equalBytes, utf8 } from "@sotto/base";
import { sha256, transcript, u32Bytes } from "@sotto/crypto";
import type { RevealedShare } from "./messages.ts";

/** Bytes of a leaf: one commitment a share. */
export const leafBytes = 64;

/** Which share: whose, for whom, and its coordinate. */
export interface SharePlace {
  readonly dealer: number;
  readonly holder: number;
  /** x of SECAGG 2.8: the holder's position among the dealer's holders, plus 1. */
  readonly coordinate: number;
}

/** The two shares that one dealer deals one holder, 32 bytes each: of its self seed and of its mask key. */
export interface SharePair {
  readonly self: Uint8Array;
  readonly mask: Uint8Array;
}

/**
 * What a dealer commits to a holder's shares with. The two commitments stand side by side, not hashed into one, so that a share
 * revealed alone (both are never revealed) can still be held against its leaf: SECAGG 2.10.
 */
export function shareLeaf(contextDigest: Uint8Array, place: SharePlace, pair: SharePair): Uint8Array {
  const commit = (kind: RevealedShare["kind"]): Uint8Array => shareDigest(contextDigest, place, { kind, share: pair[kind] });
  return concatBytes(commit("self"), commit("mask"));
}

/** Whether one share is the one its leaf commits to. */
export function matchesLeaf(contextDigest: Uint8Array, place: SharePlace, claim: ShareClaim): boolean {
  const commitment = claim.kind === "self" ? claim.leaf.subarray(0, 32) : claim.leaf.subarray(32);
  return equalBytes(commitment, shareDigest(contextDigest, place, claim));
}

/** A share that is said to belong to a leaf. */
export interface ShareClaim {
  readonly kind: RevealedShare["kind"];
  readonly share: Uint8Array;
  readonly leaf: Uint8Array;
}

function shareDigest(contextDigest: Uint8Array, place: SharePlace, { kind, share }: Omit<ShareClaim, "leaf">): Uint8Array {
  const { dealer, holder, coordinate } = place;
  return sha256(transcript("leaf", contextDigest, u32Bytes(dealer), u32Bytes(holder), u32Bytes(coordinate), utf8(kind), share));
}
