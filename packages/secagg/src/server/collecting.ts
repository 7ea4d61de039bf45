import { hasMember, invariant, membersOf, type Outcome, ok, refused } from "@sotto/base";
import { verificationKeyOf } from "../cohort.ts";
import { sameHeader, verifyHeader } from "../header.ts";
import { isAscending } from "../indices.ts";
import { merklePath } from "../merkle.ts";
import type { DealtShare, MaskedHeader, MaskRequest } from "../messages.ts";
import type { SecaggRefusal } from "../refusal.ts";
import { survivorsDigest } from "../session-digests.ts";
import type { AcceptedBundle, AttestingServer, CollectingServer, Received } from "./state.ts";

/** What dealer `index` is told at S2 of SECAGG 2.8: who dealt, and the shares dealt to it. */
export function maskRequestFor(server: CollectingServer, index: number): MaskRequest {
  invariant(hasMember(server.dealers, index), "a mask request goes to a dealer");
  const others = [...server.bundles].filter(([dealer]) => dealer !== index).toSorted(([a], [b]) => a - b);
  return { dealers: server.dealers, dealt: others.map(([dealer, accepted]) => dealtShare(dealer, accepted, index)) };
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
  if (!isAscending(complaints, dealers.length) || complaints.some((dealer) => dealer === index || !hasMember(dealers, dealer))) {
    return refused("malformed", `complaints of client ${index} are not other dealers in order`);
  }
  if (!verifyHeader({ contextDigest: cohort.contextDigest, dealersDigest }, header, verificationKeyOf(cohort, index))) {
    return refused("bad-signature", `header of client ${index} is not signed by it for these dealers`);
  }
  return ok({ state: { ...server, headers: new Map(headers).set(index, header) }, repeated: false });
}

/** Ends S2: the survivors are whoever's header arrived, and no contribution is added after. Refused when too few did. */
export function closeContributions(server: CollectingServer): Outcome<AttestingServer, SecaggRefusal> {
  const { cohort, bundles, dealers, headers } = server;
  const { cohortSize, survivorsMin } = cohort.parameters;
  if (headers.size < survivorsMin) return refused("too-few-survivors", `${headers.size} survivors must be at least ${survivorsMin}`);
  const survivors = membersOf(cohortSize, headers.keys());
  return ok({
    stage: "attesting",
    cohort,
    bundles,
    dealers,
    headers,
    survivors,
    survivorsDigest: survivorsDigest(server.dealersDigest, survivors),
    signatures: new Map(),
  });
}

function dealtShare(dealer: number, { bundle, tree }: AcceptedBundle, holder: number): DealtShare {
  const position = bundle.holders.indexOf(holder);
  const { holders, selfSeedDigest, leaves, envelopes, signature } = bundle;
  const path = merklePath(tree, position);
  return { dealer, holders, selfSeedDigest, path, leaf: leaves[position]!, envelope: envelopes[position]!, signature };
}
