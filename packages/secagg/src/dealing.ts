import { wipeInto } from "@sotto/base";
import type { SessionParameters } from "./parameters.ts";
import { extendShares } from "./shamir.ts";
import type { SharePair } from "./share-leaf.ts";

/**
 * How many of a dealer's holders get no envelope: t - 1. Their shares are what they and the dealer derive from the key they agreed on, and the
 * polynomial is laid through these and the secret: only the other holders need be told theirs (SECAGG 2.10).
 */
export function derivedCount({ threshold }: SessionParameters): number {
  return threshold - 1;
}

/** The two secrets of a dealer, with the shares that its first `threshold - 1` holders derive themselves. */
export interface Dealing {
  readonly secrets: SharePair;
  /** In the order of the holders. */
  readonly derived: readonly SharePair[];
  readonly holderCount: number;
}

/** The shares of all holders, in their order: the derived ones as they are, and the ones that go into envelopes. The caller wipes them. */
export function dealShares({ secrets, derived, holderCount }: Dealing): readonly SharePair[] {
  const wanted = Array.from({ length: holderCount - derived.length }, (_, i) => derived.length + i + 1);
  const rest = (kind: keyof SharePair): readonly Uint8Array[] =>
    extendShares({ secret: secrets[kind], given: derived.map((pair, i) => ({ coordinate: i + 1, share: pair[kind] })), wanted });
  const self = rest("self");
  const mask = rest("mask");
  return [...derived, ...wanted.map((_, i): SharePair => ({ self: self[i]!, mask: mask[i]! }))];
}

/** Wipes every share. */
export function wipeShares(pairs: readonly SharePair[]): void {
  wipeInto(...pairs.flatMap(({ self, mask }) => [self, mask]));
}
