import { invariant } from "@sotto/base";
import { sha256, transcript } from "@sotto/crypto";

/** A tree of hashes: `levels[0]` holds the hashed leaves, the last level the root alone. */
export interface MerkleTree {
  readonly levels: readonly (readonly Uint8Array[])[];
}

/** The tree over at least one leaf. A node without a sibling moves up as it is, so no leaf is ever hashed twice (RFC 9162 §2.1.1). */
export function merkleTree(leaves: readonly Uint8Array[]): MerkleTree {
  invariant(leaves.length > 0, "leaves ≥ 1");
  const levels = [leaves.map(leafNode)];
  for (let level = levels[0]!; level.length > 1; level = levels.at(-1)!) levels.push(levelAbove(level));
  return { levels };
}

/** The root, 32 bytes. */
export function merkleRoot(tree: MerkleTree): Uint8Array {
  return tree.levels.at(-1)![0]!;
}

/** The siblings from the leaf at `position` up to the root. */
export function merklePath(tree: MerkleTree, position: number): readonly Uint8Array[] {
  const path: Uint8Array[] = [];
  for (const [height, level] of tree.levels.entries()) {
    const sibling = level[(position >> height) ^ 1];
    if (sibling !== undefined && level.length > 1) path.push(sibling);
  }
  return path;
}

/** A leaf, where it stands, and what is said to lead from it to the root. */
export interface MerkleClaim {
  readonly leaf: Uint8Array;
  readonly position: number;
  readonly leafCount: number;
  readonly path: readonly Uint8Array[];
}

/** The root that a claim leads to, or null when the path has not the length or node size of its position. Compare it with a signed root. */
export function rootOfClaim({ leaf, position, leafCount, path }: MerkleClaim): Uint8Array | null {
  if (position >= leafCount || path.some((sibling) => sibling.length !== 32)) return null;
  let node = leafNode(leaf);
  let used = 0;
  for (let at = position, width = leafCount; width > 1; at >>= 1, width = (width + 1) >> 1) {
    if ((at ^ 1) >= width) continue;
    const sibling = path[used++];
    if (sibling === undefined) return null;
    node = at % 2 === 0 ? innerNode(node, sibling) : innerNode(sibling, node);
  }
  return used === path.length ? node : null;
}

function levelAbove(level: readonly Uint8Array[]): Uint8Array[] {
  return Array.from({ length: (level.length + 1) >> 1 }, (_, i) => {
    const right = level[2 * i + 1];
    return right === undefined ? level[2 * i]! : innerNode(level[2 * i]!, right);
  });
}

function leafNode(leaf: Uint8Array): Uint8Array {
  return sha256(transcript("merkle leaf", leaf));
}

function innerNode(left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256(transcript("merkle node", left, right));
}
