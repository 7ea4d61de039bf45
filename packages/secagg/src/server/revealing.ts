import { equalBytes, hasMember, invariant, memberIndices, type Outcome, ok, refused } from "@sotto/base";
import { verifierOf } from "../cohort.ts";
import { selfSeedDigest } from "../key-schedule.ts";
import type { Reveal, RevealedShare, RevealRequest, SignedHeader } from "../messages.ts";
import type { SecaggRefusal } from "../refusal.ts";
import { revealRoot, revealStatement, sameReveal } from "../reveal.ts";
import { type PlacedShare, secretBytes } from "../shamir.ts";
import { neighboursOf } from "../share-graph.ts";
import { matchesLeaf } from "../share-leaf.ts";
import { verifyStatement } from "../statement.ts";
import { bundleOf } from "./collecting.ts";
import type { Received, UnmaskingServer } from "./state.ts";

/** What survivor `index` is told at S4 of SECAGG 2.8: a quorum's signatures, and the headers of its neighbours that are not of the quorum. */
export function revealRequestFor(server: UnmaskingServer, index: number): RevealRequest {
  const { signatures, headers, graph, survivors } = server;
  invariant(hasMember(survivors, index), "a reveal request goes to a survivor");
  const signers = new Set(signatures.map((signed) => signed.index));
  const others = neighboursOf(graph, index, survivors).filter((neighbour) => !signers.has(neighbour));
  return { signatures, headers: others.map((sender): SignedHeader => ({ index: sender, header: headers.get(sender)! })) };
}

/**
 * Takes what survivor `index` reveals. Each share is held against what its dealer signed, so a holder that lies is refused here, by name,
 * and counts as one that did not answer.
 */
export function receiveReveal(server: UnmaskingServer, index: number, reveal: Reveal): Outcome<Received<UnmaskingServer>, SecaggRefusal> {
  const { cohort, survivors, survivorsDigest, reveals } = server;
  if (!hasMember(survivors, index)) return refused("not-a-member", `client ${index} is not a survivor`);
  const accepted = reveals.get(index);
  if (accepted !== undefined) {
    if (sameReveal(accepted.reveal, reveal)) return ok({ state: server, repeated: true });
    return refused("conflicting-message", `survivor ${index} revealed other shares before`);
  }
  const shares = checkShape(server, index, reveal);
  if (shares.kind === "refused") return shares;
  const signed = { ...revealStatement(survivorsDigest, revealRoot(reveal.shares)), signature: reveal.signature };
  if (!verifyStatement(cohort.contextDigest, signed, verifierOf(cohort, index))) {
    return refused("bad-signature", `reveal of survivor ${index} is not signed by it for these survivors`);
  }
  const [lie] = liesIn(server, index, reveal);
  if (lie !== undefined) return refused("secret-mismatch", `survivor ${index} reveals what client ${lie.owner} did not commit to`);
  return ok({ state: { ...server, reveals: new Map(reveals).set(index, { reveal, shares: shares.value }) }, repeated: false });
}

/** The shares of a well-formed reveal that their owners did not commit to. */
export function liesIn(server: UnmaskingServer, holder: number, { shares }: Reveal): readonly RevealedShare[] {
  return shares.filter((revealed) => !isGenuine(server, holder, revealed));
}

/** Whether every dealer's secret can be rebuilt from the shares that are here. */
export function canUnmask(server: UnmaskingServer): boolean {
  return memberIndices(server.dealers).every((owner) => collectSecret(server, owner).kind !== "wanting");
}

/** What is here of one dealer's secret. */
export type CollectedSecret =
  /** The self seed itself, sent by its owner and held against its digest. */
  | { readonly kind: "whole"; readonly seed: Uint8Array }
  /** Exactly the threshold of shares, each held against its leaf. */
  | { readonly kind: "shared"; readonly shares: readonly PlacedShare[] }
  | { readonly kind: "wanting"; readonly shareCount: number };

/** What the survivors revealed of one dealer's secret: its self seed if it survived, else its mask key. */
export function collectSecret({ cohort, bundles, reveals }: UnmaskingServer, owner: number): CollectedSecret {
  const own = reveals.get(owner)?.shares.get(owner);
  if (own !== undefined) return { kind: "whole", seed: own.share };
  const { threshold } = cohort.parameters;
  const shares: PlacedShare[] = [];
  for (const [position, holder] of bundleOf(bundles, owner).bundle.holders.entries()) {
    const revealed = reveals.get(holder)?.shares.get(owner);
    if (revealed !== undefined) shares.push({ coordinate: position + 1, share: revealed.share });
    if (shares.length === threshold) return { kind: "shared", shares };
  }
  return { kind: "wanting", shareCount: shares.length };
}

/** At most one share an owner, of the kind that the survivor set asks for, of dealers that dealt to this holder, and of its own seed. */
function checkShape(
  { dealers, survivors, graph }: UnmaskingServer,
  holder: number,
  { shares }: Reveal,
): Outcome<ReadonlyMap<number, RevealedShare>, SecaggRefusal> {
  const owners = new Set([holder, ...graph.dealers[holder]!.map(({ dealer }) => dealer)]);
  const byOwner = new Map<number, RevealedShare>();
  for (const revealed of shares) {
    const { owner, kind, share } = revealed;
    if (byOwner.has(owner)) return refused("unexpected-share", `survivor ${holder} reveals two shares of client ${owner}`);
    if (!hasMember(dealers, owner) || !owners.has(owner)) {
      return refused("unexpected-share", `survivor ${holder} reveals a share of ${owner}, who dealt it none`);
    }
    if (kind !== (hasMember(survivors, owner) ? "self" : "mask")) {
      return refused("unexpected-share", `survivor ${holder} reveals the wrong kind of share of client ${owner}`);
    }
    if (share.length !== secretBytes) return refused("malformed", `share of ${share.length} bytes must be ${secretBytes}`);
    byOwner.set(owner, revealed);
  }
  if (byOwner.size === 0) return refused("malformed", `survivor ${holder} reveals nothing`);
  return ok(byOwner);
}

function isGenuine({ cohort, bundles, graph }: UnmaskingServer, holder: number, { owner, kind, share }: RevealedShare): boolean {
  const { bundle } = bundleOf(bundles, owner);
  if (owner === holder) return equalBytes(bundle.selfSeedDigest, selfSeedDigest(cohort.contextDigest, share));
  const link = graph.dealers[holder]!.find(({ dealer }) => dealer === owner);
  invariant(link !== undefined, "the owner dealt to the holder");
  const place = { dealer: owner, holder, coordinate: link.position + 1 };
  return matchesLeaf(cohort.contextDigest, place, { kind, share, leaf: bundle.leaves[link.position]! });
}
