import { equalBytes, hasMember, invariant, memberIndices, type Outcome, ok, refused } from "@sotto/base";
import { selfSeedDigest } from "../key-schedule.ts";
import type { ConsistencySignature, RevealedShare } from "../messages.ts";
import type { SecaggRefusal } from "../refusal.ts";
import { type PlacedShare, secretBytes } from "../shamir.ts";
import { matchesLeaf } from "../share-leaf.ts";
import type { AcceptedBundle, Received, UnmaskingServer } from "./state.ts";

/** What every survivor is told at S4 of SECAGG 2.8: a quorum's signatures. */
export function revealRequest(server: UnmaskingServer): readonly ConsistencySignature[] {
  return server.signatures;
}

/**
 * Takes the shares that survivor `index` reveals. Each is held against what its dealer signed, so a holder that lies is refused here, by name,
 * and counts as one that did not answer.
 */
export function receiveReveal(
  server: UnmaskingServer,
  index: number,
  shares: readonly RevealedShare[],
): Outcome<Received<UnmaskingServer>, SecaggRefusal> {
  const { survivors, reveals } = server;
  if (!hasMember(survivors, index)) return refused("not-a-member", `client ${index} is not a survivor`);
  const accepted = reveals.get(index);
  if (accepted !== undefined) {
    if (sameShares([...accepted.values()], shares)) return ok({ state: server, repeated: true });
    return refused("conflicting-message", `survivor ${index} revealed other shares before`);
  }
  const byOwner = new Map<number, RevealedShare>();
  for (const revealed of shares) {
    if (byOwner.has(revealed.owner)) return refused("unexpected-share", `survivor ${index} reveals two shares of client ${revealed.owner}`);
    const checked = checkRevealed(server, index, revealed);
    if (checked.kind === "refused") return checked;
    byOwner.set(revealed.owner, revealed);
  }
  return ok({ state: { ...server, reveals: new Map(reveals).set(index, byOwner) }, repeated: false });
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
export function collectSecret(server: UnmaskingServer, owner: number): CollectedSecret {
  const own = server.reveals.get(owner)?.get(owner);
  if (own !== undefined) return { kind: "whole", seed: own.share };
  const { threshold } = server.cohort.parameters;
  const { bundle } = acceptedBundle(server, owner);
  const shares: PlacedShare[] = [];
  for (const [position, holder] of bundle.holders.entries()) {
    const revealed = server.reveals.get(holder)?.get(owner);
    if (revealed !== undefined) shares.push({ coordinate: position + 1, share: revealed.share });
    if (shares.length === threshold) return { kind: "shared", shares };
  }
  return { kind: "wanting", shareCount: shares.length };
}

/** The bundle of a dealer. */
export function acceptedBundle(server: UnmaskingServer, dealer: number): AcceptedBundle {
  const accepted = server.bundles.get(dealer);
  invariant(accepted !== undefined, "every dealer's bundle is here");
  return accepted;
}

function checkRevealed(server: UnmaskingServer, holder: number, { owner, kind, share }: RevealedShare): Outcome<number, SecaggRefusal> {
  const { cohort, dealers, survivors } = server;
  if (!hasMember(dealers, owner)) return refused("unexpected-share", `survivor ${holder} reveals a share of ${owner}, who is not a dealer`);
  if (kind !== (hasMember(survivors, owner) ? "self" : "mask")) {
    return refused("unexpected-share", `survivor ${holder} reveals the wrong kind of share of client ${owner}`);
  }
  if (share.length !== secretBytes) return refused("malformed", `share of ${share.length} bytes must be ${secretBytes}`);
  const { bundle } = acceptedBundle(server, owner);
  const position = bundle.holders.indexOf(holder);
  const genuine =
    owner === holder
      ? equalBytes(bundle.selfSeedDigest, selfSeedDigest(cohort.contextDigest, share))
      : matchesLeaf(
          cohort.contextDigest,
          { dealer: owner, holder, coordinate: position + 1 },
          { kind, share, leaf: bundle.leaves[position]! },
        );
  if (!genuine) return refused("secret-mismatch", `survivor ${holder} reveals what client ${owner} did not commit to`);
  return ok(owner);
}

function sameShares(a: readonly RevealedShare[], b: readonly RevealedShare[]): boolean {
  if (a.length !== b.length) return false;
  return a.every((one, i) => {
    const other = b[i]!;
    return one.owner === other.owner && one.kind === other.kind && equalBytes(one.share, other.share);
  });
}
