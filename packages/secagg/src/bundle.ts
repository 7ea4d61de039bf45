import { equalBytes } from "@sotto/base";
import { ed25519Sign, ed25519Verify, sha256, transcript, u32Bytes } from "@sotto/crypto";
import { type Cohort, verificationKeyOf } from "./cohort.ts";
import { indexBytes, sameIndices } from "./indices.ts";
import { type MerkleTree, merkleTree } from "./merkle.ts";
import type { ShareBundle } from "./messages.ts";

/** What a dealer signs at S1 of SECAGG 2.8. */
export interface BundleContent {
  readonly dealer: number;
  readonly holders: readonly number[];
  readonly selfSeedDigest: Uint8Array;
  /** Root of {@link bundleTree}. */
  readonly root: Uint8Array;
}

/** The tree whose root the dealer signs: over each leaf with its envelope, in the order of the holders, so that a bad envelope is the dealer's doing. */
export function bundleTree({ leaves, envelopes }: Pick<ShareBundle, "leaves" | "envelopes">): MerkleTree {
  return merkleTree(leaves.map((leaf, position) => boundLeaf(leaf, envelopes[position]!)));
}

/** What stands in {@link bundleTree} for a leaf and its envelope. */
export function boundLeaf(leaf: Uint8Array, envelope: Uint8Array): Uint8Array {
  return transcript("dealt", leaf, envelope);
}

/** The dealer's signature over its holders, its self seed, every leaf and every envelope. */
export function signBundle(cohort: Cohort, content: BundleContent, signingKey: Uint8Array): Uint8Array {
  return ed25519Sign(signingKey, bundleMessage(cohort, content));
}

/** Whether the dealer of `content` signed it for this cohort. */
export function verifyBundle(cohort: Cohort, content: BundleContent, signature: Uint8Array): boolean {
  return ed25519Verify(verificationKeyOf(cohort, content.dealer), bundleMessage(cohort, content), signature);
}

/** Whether two bundles are the same bytes. */
export function sameBundle(a: ShareBundle, b: ShareBundle): boolean {
  return (
    sameIndices(a.holders, b.holders) &&
    equalBytes(a.selfSeedDigest, b.selfSeedDigest) &&
    sameList(a.leaves, b.leaves) &&
    sameList(a.envelopes, b.envelopes) &&
    equalBytes(a.signature, b.signature)
  );
}

function sameList(a: readonly Uint8Array[], b: readonly Uint8Array[]): boolean {
  return a.length === b.length && a.every((bytes, i) => equalBytes(bytes, b[i]!));
}

function bundleMessage(cohort: Cohort, { dealer, holders, selfSeedDigest, root }: BundleContent): Uint8Array {
  const holdersDigest = sha256(transcript("holders", indexBytes(holders)));
  return transcript("shr", cohort.contextDigest, cohort.digest, u32Bytes(dealer), holdersDigest, selfSeedDigest, root);
}
