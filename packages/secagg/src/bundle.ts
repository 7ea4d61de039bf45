import { equalBytes } from "@sotto/base";
import { sha256, transcript, u32Bytes } from "@sotto/crypto";
import { indexBytes, sameIndices } from "./indices.ts";
import { type MerkleTree, merkleTree } from "./merkle.ts";
import type { ShareBundle } from "./messages.ts";
import type { Statement } from "./statement.ts";

const noEnvelope = new Uint8Array(0);

/** What a dealer signs at S1 of SECAGG 2.8. */
export interface BundleContent {
  /** D1 of the cohort it deals in. */
  readonly cohortDigest: Uint8Array;
  readonly dealer: number;
  /** t: shares that rebuild what it deals. */
  readonly threshold: number;
  /** {@link holdersDigest}. */
  readonly holdersDigest: Uint8Array;
  readonly selfSeedDigest: Uint8Array;
  /** Root of {@link bundleTree}. */
  readonly root: Uint8Array;
}

/** The tree whose root the dealer signs: over each leaf with its envelope, in the order of the holders, so that a bad envelope is the dealer's doing. */
export function bundleTree({ leaves, envelopes }: Pick<ShareBundle, "leaves" | "envelopes">): MerkleTree {
  return merkleTree(leaves.map((leaf, position) => boundLeaf(leaf, envelopeAt({ leaves, envelopes }, position))));
}

/** The envelope of the holder at `position`; empty where the holder derives its shares: the last holders get envelopes, the first none. */
export function envelopeAt({ leaves, envelopes }: Pick<ShareBundle, "leaves" | "envelopes">, position: number): Uint8Array {
  return envelopes[position - (leaves.length - envelopes.length)] ?? noEnvelope;
}

/** What stands in {@link bundleTree} for a leaf and its envelope, which may be empty. */
export function boundLeaf(leaf: Uint8Array, envelope: Uint8Array): Uint8Array {
  return transcript("dealt", leaf, envelope);
}

/** The digest of a dealer's holders in order, 32 bytes. */
export function holdersDigest(holders: readonly number[]): Uint8Array {
  return sha256(transcript("holders", indexBytes(holders)));
}

/** What a bundle states: the dealer's holders, threshold, self seed, and by the root every leaf and every envelope. */
export function bundleStatement(content: BundleContent): Statement {
  const { cohortDigest, dealer, threshold, selfSeedDigest, root } = content;
  return { label: "shr", fields: [cohortDigest, u32Bytes(dealer), u32Bytes(threshold), content.holdersDigest, selfSeedDigest, root] };
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
