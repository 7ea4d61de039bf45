import { equalBytes, hasMember, invariant, membersOf, type Outcome, ok, refused } from "@sotto/base";
import { envelopeAt } from "../bundle.ts";
import { verifierOf } from "../cohort.ts";
import { headerStatement, sameHeader } from "../header.ts";
import { type HeldLeaf, heldRoot } from "../held-shares.ts";
import { isAscending } from "../indices.ts";
import type { DealtShare, MaskedHeader, MaskRequest } from "../messages.ts";
import type { SecaggRefusal } from "../refusal.ts";
import { survivorsDigest } from "../session-digests.ts";
import type { DealerLink } from "../share-graph.ts";
import { verifyStatement } from "../statement.ts";
import type { AcceptedBundle, AttestingServer, CollectingServer, Received } from "./state.ts";

/** What dealer `index` is told at S2 of SECAGG 2.8: who dealt, and the shares dealt to it. */
export function maskRequestFor(server: CollectingServer, index: number): MaskRequest {
  invariant(hasMember(server.dealers, index), "a mask request goes to a dealer");
  return { dealers: server.dealers, dealt: server.graph.dealers[index]!.map((link) => dealtShare(server, link)) };
}

/** Takes the header of client `index`, whose contribution lies here whole and has the digest the header says. */
export function receiveHeader(
  server: CollectingServer,
  index: number,
  header: MaskedHeader,
): Outcome<Received<CollectingServer>, SecaggRefusal> {
  const { cohort, dealers, dealersDigest, headers } = server;
  if (!hasMember(dealers, index)) return refused("not-a-member", `client ${index} dealt no shares`);
  const accepted = headers.get(index);
  if (accepted !== undefined) {
    if (sameHeader(accepted, header)) return ok({ state: server, repeated: true });
    return refused("conflicting-message", `client ${index} sent another header before`);
  }
  const { complaints } = header;
  const links = server.graph.dealers[index]!;
  if (!isAscending(complaints, dealers.length) || complaints.some((dealer) => !links.some((link) => link.dealer === dealer))) {
    return refused("malformed", `complaints of client ${index} are not dealers that dealt to it, in order`);
  }
  const signed = { ...headerStatement(dealersDigest, header), signature: header.signature };
  if (!verifyStatement(cohort.contextDigest, signed, verifierOf(cohort, index))) {
    return refused("bad-signature", `header of client ${index} is not signed by it for these dealers`);
  }
  if (!equalBytes(header.heldRoot, heldRoot(index, heldBy(server, index, complaints)))) {
    return refused("held-mismatch", `header of client ${index} names shares that it was not dealt`);
  }
  return ok({ state: { ...server, headers: new Map(headers).set(index, header) }, repeated: false });
}

/** Ends S2: the survivors are whoever's header arrived, and no contribution is added after. Refused when too few did. */
export function closeContributions(server: CollectingServer): Outcome<AttestingServer, SecaggRefusal> {
  const { cohort, bundles, graph, dealers, dealersDigest, headers } = server;
  const { cohortSize, survivorsMin } = cohort.parameters;
  if (headers.size < survivorsMin) return refused("too-few-survivors", `${headers.size} survivors must be at least ${survivorsMin}`);
  const survivors = membersOf(cohortSize, headers.keys());
  return ok({
    stage: "attesting",
    cohort,
    bundles,
    graph,
    dealers,
    dealersDigest,
    headers,
    survivors,
    survivorsDigest: survivorsDigest(dealersDigest, survivors),
    signatures: new Map(),
  });
}

/** The leaves that holder `index` was dealt, less those it complains of; ascending by dealer. */
export function heldBy(
  { bundles, graph }: Pick<CollectingServer, "bundles" | "graph">,
  index: number,
  complaints: readonly number[],
): readonly HeldLeaf[] {
  const refusedOf = new Set(complaints);
  const links = graph.dealers[index]!.filter(({ dealer }) => !refusedOf.has(dealer));
  return links.map(({ dealer, position }) => ({
    place: { dealer, holder: index, coordinate: position + 1 },
    leaf: bundleOf(bundles, dealer).bundle.leaves[position]!,
  }));
}

/** The bundle of a dealer. */
export function bundleOf(bundles: ReadonlyMap<number, AcceptedBundle>, dealer: number): AcceptedBundle {
  const accepted = bundles.get(dealer);
  invariant(accepted !== undefined, "every dealer's bundle is here");
  return accepted;
}

function dealtShare({ bundles }: CollectingServer, { dealer, position }: DealerLink): DealtShare {
  const { bundle } = bundleOf(bundles, dealer);
  return { dealer, coordinate: position + 1, leaf: bundle.leaves[position]!, envelope: envelopeAt(bundle, position) };
}
