import { invariant, membersOf, type Outcome, ok, refused } from "@sotto/base";
import { bundleTree, sameBundle, verifyBundle } from "../bundle.ts";
import { holdersOf } from "../cohort.ts";
import { envelopeBytes } from "../envelope.ts";
import { sameIndices } from "../indices.ts";
import { merkleRoot } from "../merkle.ts";
import type { ShareBundle } from "../messages.ts";
import type { SecaggRefusal } from "../refusal.ts";
import { dealersDigest } from "../session-digests.ts";
import { leafBytes } from "../share-leaf.ts";
import type { CollectingServer, Received, SharingServer } from "./state.ts";

/** Takes what client `index` deals, S1 of SECAGG 2.8. Envelopes are closed to the coordinator: their holders judge them. */
export function receiveShares(server: SharingServer, index: number, bundle: ShareBundle): Outcome<Received<SharingServer>, SecaggRefusal> {
  const { cohort, bundles } = server;
  invariant(index >= 0 && index < cohort.adverts.length, "client index < cohort size");
  const accepted = bundles.get(index);
  if (accepted !== undefined) {
    if (sameBundle(accepted.bundle, bundle)) return ok({ state: server, repeated: true });
    return refused("conflicting-message", `client ${index} dealt other shares before`);
  }
  const fault = checkShape(bundle, holdersOf(cohort.adverts.length, index));
  if (fault.kind === "refused") return fault;
  const tree = bundleTree(bundle);
  const { holders, selfSeedDigest, signature } = bundle;
  if (!verifyBundle(cohort, { dealer: index, holders, selfSeedDigest, root: merkleRoot(tree) }, signature)) {
    return refused("bad-signature", `shares of client ${index} are not signed by it for this cohort`);
  }
  return ok({ state: { ...server, bundles: new Map(bundles).set(index, { bundle, tree }) }, repeated: false });
}

/** Ends S1: the dealers are whoever dealt shares. Refused when too few did. */
export function closeShares(server: SharingServer): Outcome<CollectingServer, SecaggRefusal> {
  const { cohort, bundles } = server;
  const { cohortSize, dropoutMax } = cohort.parameters;
  if (bundles.size < cohortSize - dropoutMax) {
    return refused("too-few-dealers", `${bundles.size} dealers of ${cohortSize} must be at least ${cohortSize - dropoutMax}`);
  }
  const dealers = membersOf(cohortSize, bundles.keys());
  return ok({
    stage: "collecting",
    cohort,
    bundles,
    dealers,
    dealersDigest: dealersDigest(cohort.digest, dealers),
    headers: new Map(),
  });
}

function checkShape(bundle: ShareBundle, holders: readonly number[]): Outcome<ShareBundle, SecaggRefusal> {
  if (!sameIndices(bundle.holders, holders)) return refused("bad-holders", "a dealer must deal to everybody else, in order");
  const sizes = [
    bundle.selfSeedDigest.length === 32,
    bundle.leaves.length === holders.length,
    bundle.leaves.every((leaf) => leaf.length === leafBytes),
    bundle.envelopes.length === holders.length,
    bundle.envelopes.every((envelope) => envelope.length === envelopeBytes),
  ];
  if (!sizes.every(Boolean)) return refused("malformed", `shares must be ${holders.length} leaves and envelopes of the stated lengths`);
  return ok(bundle);
}
