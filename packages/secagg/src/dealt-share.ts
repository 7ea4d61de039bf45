import { equalBytes, type Outcome, ok, refused, wipeInto } from "@sotto/base";
import { boundLeaf, verifyBundle } from "./bundle.ts";
import { type Cohort, holdersOf } from "./cohort.ts";
import { envelopeBytes, openShares } from "./envelope.ts";
import { sameIndices } from "./indices.ts";
import { rootOfClaim } from "./merkle.ts";
import type { DealtShare } from "./messages.ts";
import type { SecaggRefusal } from "./refusal.ts";
import { leafBytes, type SharePair, type SharePlace, shareLeaf } from "./share-leaf.ts";

/** Checks that a dealer in the cohort signed this share for this holder; gives its place. What is inside the envelope is {@link takeShares}'s. */
export function checkDealtShare(cohort: Cohort, dealt: DealtShare, holder: number): Outcome<SharePlace, SecaggRefusal> {
  const { dealer, holders, selfSeedDigest, leaf, path, envelope, signature } = dealt;
  if (!sameIndices(holders, holdersOf(cohort.adverts.length, dealer))) {
    return refused("bad-holders", `dealer ${dealer} must deal to everybody else, in order`);
  }
  if (selfSeedDigest.length !== 32 || leaf.length !== leafBytes || envelope.length !== envelopeBytes) {
    return refused("malformed", `share of dealer ${dealer} has a field of the wrong length`);
  }
  const position = holders.indexOf(holder);
  const root = rootOfClaim({ leaf: boundLeaf(leaf, envelope), position, leafCount: holders.length, path });
  if (root === null) return refused("malformed", `share of dealer ${dealer} has a path of ${path.length} nodes that cannot be its own`);
  if (!verifyBundle(cohort, { dealer, holders, selfSeedDigest, root }, signature)) {
    return refused("bad-signature", `share of dealer ${dealer} is not signed by it for this cohort`);
  }
  return ok({ dealer, holder, coordinate: position + 1 });
}

/** The two shares in a checked envelope, or null when it does not open or does not hold what its leaf commits to: the dealer's fault, and signed. */
export function takeShares(
  cohort: Cohort,
  dealt: DealtShare,
  opening: { readonly key: Uint8Array; readonly place: SharePlace },
): SharePair | null {
  const pair = openShares({ ...opening, cohortDigest: cohort.digest }, dealt.envelope);
  if (pair === null || equalBytes(shareLeaf(cohort.contextDigest, opening.place, pair), dealt.leaf)) return pair;
  wipeInto(pair.self, pair.mask);
  return null;
}
