import { equalBytes, hasMember, memberIndices, type Outcome, ok, refused, wipeInto } from "@sotto/base";
import type { Cohort } from "./cohort.ts";
import { derivedCount } from "./dealing.ts";
import { deriveShares, envelopeBytes, openShares } from "./envelope.ts";
import type { DealtShare, MaskRequest } from "./messages.ts";
import { isComplete, type SessionParameters } from "./parameters.ts";
import type { SecaggRefusal } from "./refusal.ts";
import { leafBytes, type SharePair, type SharePlace, shareLeaf } from "./share-leaf.ts";

/** A client and the cohort it is in. */
interface Holder {
  readonly cohort: Cohort;
  readonly index: number;
}

/**
 * Checks the shares a coordinator passes on, before any envelope is opened: each of another dealer, one a dealer, and of everybody's where everybody
 * deals to everybody. That the dealer sealed it in this very cohort, its envelope proves: only the two of them have the key, and D1 is in it.
 */
export function checkDealtShares({ cohort, index }: Holder, request: MaskRequest): Outcome<readonly DealtShare[], SecaggRefusal> {
  const dealers = new Set<number>();
  for (const dealt of request.dealt) {
    const { dealer } = dealt;
    if (!hasMember(request.dealers, dealer))
      return refused("dealer-not-in-cohort", `a share is said to be of ${dealer}, who is not a dealer`);
    if (dealer === index || dealers.has(dealer)) {
      return refused("unexpected-share", `share of dealer ${dealer} is the client's own or a second one`);
    }
    if (!isWellFormed(dealt, cohort.parameters)) {
      return refused("malformed", `share of dealer ${dealer} has a field of the wrong length or range`);
    }
    dealers.add(dealer);
  }
  if (isComplete(cohort.parameters)) {
    const missing = memberIndices(request.dealers).find((dealer) => dealer !== index && !dealers.has(dealer));
    if (missing !== undefined) return refused("missing-share", `the share of dealer ${missing} is missing`);
  }
  return ok(request.dealt);
}

/** The two shares in an envelope, or derived where there is none; null when it does not open, or they are not what the leaf commits to. */
export function takeShares(
  cohort: Cohort,
  dealt: DealtShare,
  opening: { readonly keys: Uint8Array; readonly place: SharePlace },
): SharePair | null {
  const binding = { ...opening, cohortDigest: cohort.digest };
  const pair = dealt.envelope.length === 0 ? deriveShares(binding) : openShares(binding, dealt.envelope);
  if (pair === null || equalBytes(shareLeaf(cohort.contextDigest, opening.place, pair), dealt.leaf)) return pair;
  wipeInto(pair.self, pair.mask);
  return null;
}

function isWellFormed({ coordinate, leaf, envelope }: DealtShare, parameters: SessionParameters): boolean {
  const isCoordinate = Number.isInteger(coordinate) && coordinate >= 1 && coordinate <= parameters.holderCount;
  const envelopeSize = coordinate <= derivedCount(parameters) ? 0 : envelopeBytes;
  return isCoordinate && leaf.length === leafBytes && envelope.length === envelopeSize;
}
