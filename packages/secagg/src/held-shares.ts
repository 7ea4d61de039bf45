import { invariant } from "@sotto/base";
import { transcript, u32Bytes } from "@sotto/crypto";
import { type MerkleTree, merkleRoot, merkleTree } from "./merkle.ts";
import type { SharePlace } from "./share-leaf.ts";

/** A leaf that its holder says it holds the shares of. */
export interface HeldLeaf {
  readonly place: SharePlace;
  /** 64 bytes. */
  readonly leaf: Uint8Array;
}

/**
 * The tree whose root a holder signs in its header: over every leaf it opened a matching envelope for, ascending by dealer, then its own index. With it
 * a holder that later reveals something else cannot say that it was dealt something else (SECAGG 2.10).
 */
export function heldTree(holder: number, held: readonly HeldLeaf[]): MerkleTree {
  return merkleTree([...held.map(heldEntry), transcript("holder", u32Bytes(holder))]);
}

/** The root of {@link heldTree}, 32 bytes. */
export function heldRoot(holder: number, held: readonly HeldLeaf[]): Uint8Array {
  invariant(
    held.every(({ place }, i) => i === 0 || place.dealer > held[i - 1]!.place.dealer),
    "held leaves ascend by dealer",
  );
  return merkleRoot(heldTree(holder, held));
}

/** What stands in {@link heldTree} for one leaf. */
export function heldEntry({ place, leaf }: HeldLeaf): Uint8Array {
  return transcript("held", u32Bytes(place.dealer), u32Bytes(place.holder), u32Bytes(place.coordinate), leaf);
}
