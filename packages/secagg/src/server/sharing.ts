import { invariant, membersOf, type Outcome, ok, refused } from "@sotto/base";
import { bundleStatement, bundleTree, holdersDigest, sameBundle } from "../bundle.ts";
import { type Cohort, verifierOf } from "../cohort.ts";
import { derivedCount } from "../dealing.ts";
import { envelopeBytes } from "../envelope.ts";
import { isAscending } from "../indices.ts";
import { merkleRoot } from "../merkle.ts";
import type { ShareBundle } from "../messages.ts";
import type { SecaggRefusal } from "../refusal.ts";
import { dealersDigest } from "../session-digests.ts";
import { createShareGraph } from "../share-graph.ts";
import { leafBytes } from "../share-leaf.ts";
import { type Statement, verifyStatement } from "../statement.ts";
import type { AcceptedBundle, CollectingServer, Received, SharingServer } from "./state.ts";

/** Takes what client `index` deals, S1 of SECAGG 2.8. Envelopes are closed to the coordinator: their holders judge them. */
export function receiveShares(server: SharingServer, index: number, bundle: ShareBundle): Outcome<Received<SharingServer>, SecaggRefusal> {
  const { cohort, bundles } = server;
  invariant(index >= 0 && index < cohort.adverts.length, "client index < cohort size");
  const accepted = bundles.get(index);
  if (accepted !== undefined) {
    if (sameBundle(accepted.bundle, bundle)) return ok({ state: server, repeated: true });
    return refused("conflicting-message", `client ${index} dealt other shares before`);
  }
  const fault = checkShape(cohort, index, bundle);
  if (fault.kind === "refused") return fault;
  const accepts = { bundle, tree: bundleTree(bundle) };
  const signed = { ...statementOf(cohort, index, accepts), signature: bundle.signature };
  if (!verifyStatement(cohort.contextDigest, signed, verifierOf(cohort, index))) {
    return refused("bad-signature", `shares of client ${index} are not signed by it for this cohort`);
  }
  return ok({ state: { ...server, bundles: new Map(bundles).set(index, accepts) }, repeated: false });
}

/** What the dealer of a bundle states with its signature. */
export function statementOf(cohort: Cohort, dealer: number, { bundle, tree }: AcceptedBundle): Statement {
  return bundleStatement({
    cohortDigest: cohort.digest,
    dealer,
    threshold: cohort.parameters.threshold,
    holdersDigest: holdersDigest(bundle.holders),
    selfSeedDigest: bundle.selfSeedDigest,
    root: merkleRoot(tree),
  });
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
    graph: createShareGraph(dealers, (dealer) => bundles.get(dealer)!.bundle.holders),
    dealers,
    dealersDigest: dealersDigest(cohort.digest, dealers),
    headers: new Map(),
  });
}

/** Holders are as many as the graph asks for, in order, and not the dealer: in the complete graph everybody else. Which ones, the dealer's own draw decides. */
function checkShape({ parameters }: Cohort, dealer: number, bundle: ShareBundle): Outcome<ShareBundle, SecaggRefusal> {
  const { cohortSize, holderCount } = parameters;
  const envelopeCount = holderCount - derivedCount(parameters);
  const { holders, leaves, envelopes } = bundle;
  if (holders.length !== holderCount || !isAscending(holders, cohortSize) || holders.includes(dealer)) {
    return refused("bad-holders", `client ${dealer} must deal to ${holderCount} others of ${cohortSize}, in order`);
  }
  const sizes = [
    bundle.selfSeedDigest.length === 32,
    leaves.length === holderCount,
    leaves.every((leaf) => leaf.length === leafBytes),
    envelopes.length === envelopeCount,
    envelopes.every((envelope) => envelope.length === envelopeBytes),
  ];
  if (!sizes.every(Boolean))
    return refused("malformed", `shares must be ${holderCount} leaves and ${envelopeCount} envelopes of the stated lengths`);
  return ok(bundle);
}
