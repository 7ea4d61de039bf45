import { equalBytes, utf8 } from "@sotto/base";
import { transcript, u32Bytes } from "@sotto/crypto";
import { type MerkleTree, merkleRoot, merkleTree } from "./merkle.ts";
import type { Reveal, RevealedShare } from "./messages.ts";
import type { Statement } from "./statement.ts";

/** S4 of SECAGG 2.8: a client states which shares it reveals, by the root over them, for one survivor set. */
export function revealStatement(survivorsDigest: Uint8Array, root: Uint8Array): Statement {
  return { label: "rev", fields: [survivorsDigest, root] };
}

/** The tree over revealed shares in the order they are sent; at least one, as a client always reveals its own seed. */
export function revealTree(shares: readonly RevealedShare[]): MerkleTree {
  return merkleTree(shares.map(revealEntry));
}

/** The root of {@link revealTree}, 32 bytes. */
export function revealRoot(shares: readonly RevealedShare[]): Uint8Array {
  return merkleRoot(revealTree(shares));
}

/** What stands in {@link revealTree} for one share. */
export function revealEntry({ owner, kind, share }: RevealedShare): Uint8Array {
  return transcript("revealed", u32Bytes(owner), utf8(kind), share);
}

/** Whether two reveals are the same bytes. */
export function sameReveal(a: Reveal, b: Reveal): boolean {
  return (
    a.shares.length === b.shares.length &&
    equalBytes(a.signature, b.signature) &&
    a.shares.every((one, i) => {
      const other = b.shares[i]!;
      return one.owner === other.owner && one.kind === other.kind && equalBytes(one.share, other.share);
    })
  );
}
