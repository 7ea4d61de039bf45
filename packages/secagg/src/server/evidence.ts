import { equalBytes, hasMember, memberIndices } from "@sotto/base";
import { advertStatement } from "../advert.ts";
import { type BundleContent, bundleTree, envelopeAt, holdersDigest } from "../bundle.ts";
import { type Cohort, verifierOf } from "../cohort.ts";
import type { Equivocation, Evidence, FalseSeed, FalseShare, InconsistentShares, ProvenLeaf, ProvenReveal } from "../evidence.ts";
import { headerStatement } from "../header.ts";
import { heldTree } from "../held-shares.ts";
import { merklePath, merkleRoot } from "../merkle.ts";
import type { Advert, MaskedHeader, Reveal, RevealedShare, ShareBundle } from "../messages.ts";
import { revealRoot, revealStatement, revealTree } from "../reveal.ts";
import { combineShares } from "../shamir.ts";
import { type Statement, verifyStatement } from "../statement.ts";
import { bundleOf, heldBy } from "./collecting.ts";
import { collectSecret, liesIn } from "./revealing.ts";
import { statementOf } from "./sharing.ts";
import type { AcceptedBundle, CollectingServer, KeyingServer, SharingServer, UnmaskingServer } from "./state.ts";
import { isCommitted } from "./unmasking.ts";

/** Two adverts of one client in one session. Null unless both are signed and differ. */
export function evidenceInAdvert({ adverts, contextDigest }: KeyingServer, advert: Advert): Evidence | null {
  const accepted = adverts.get(advert.client);
  if (accepted === undefined) return null;
  const first = { ...advertStatement(accepted.advert), signature: accepted.advert.signature };
  const second = { ...advertStatement(advert), signature: advert.signature };
  const signer = { contextDigest, accused: advert.client };
  return verifyStatement(contextDigest, second, accepted.verifier) ? equivocation(signer, first, second) : null;
}

/** Two bundles of one client in one session. */
export function evidenceInShares({ cohort, bundles }: SharingServer, index: number, bundle: ShareBundle): Evidence | null {
  const accepted = bundles.get(index);
  if (accepted === undefined || bundle.leaves.length === 0 || bundle.leaves.length < bundle.envelopes.length) return null;
  const second = { bundle, tree: bundleTree(bundle) };
  return contradiction(cohort, index, [
    { ...statementOf(cohort, index, accepted), signature: accepted.bundle.signature },
    { ...statementOf(cohort, index, second), signature: bundle.signature },
  ]);
}

/** Two headers of one client in one session. */
export function evidenceInHeader(
  { cohort, headers, dealersDigest }: CollectingServer,
  index: number,
  header: MaskedHeader,
): Evidence | null {
  const accepted = headers.get(index);
  if (accepted === undefined) return null;
  return contradiction(cohort, index, [
    { ...headerStatement(dealersDigest, accepted), signature: accepted.signature },
    { ...headerStatement(dealersDigest, header), signature: header.signature },
  ]);
}

/**
 * Two reveals of one client in one session, or a reveal of what its owner did not commit to. Ask it about a reveal that was refused with
 * `conflicting-message` or `secret-mismatch`: what is not well formed is nobody's statement.
 */
export function evidenceInReveal(server: UnmaskingServer, index: number, reveal: Reveal): Evidence | null {
  const { cohort, survivorsDigest, reveals } = server;
  if (reveal.shares.length === 0) return null;
  const statement = revealStatement(survivorsDigest, revealRoot(reveal.shares));
  const signed = { ...statement, signature: reveal.signature };
  const accepted = reveals.get(index)?.reveal;
  if (accepted !== undefined) {
    const first = { ...revealStatement(survivorsDigest, revealRoot(accepted.shares)), signature: accepted.signature };
    return contradiction(cohort, index, [first, signed]);
  }
  if (!verifyStatement(cohort.contextDigest, signed, verifierOf(cohort, index))) return null;
  for (const lie of liesIn(server, index, reveal)) {
    const evidence = lie.owner === index ? falseSeed(server, index, { reveal, lie }) : falseShare(server, index, { reveal, lie });
    if (evidence !== null) return evidence;
  }
  return null;
}

/** A dealer whose shares make another secret than the one it committed to: why `unmask` refused with `secret-mismatch`. Null when there is none. */
export function evidenceInSecrets(server: UnmaskingServer): Evidence | null {
  for (const owner of memberIndices(server.dealers)) {
    const collected = collectSecret(server, owner);
    if (collected.kind !== "shared") continue;
    const secret = combineShares(collected.shares);
    const isHonest = isCommitted(server, owner, secret);
    secret.fill(0);
    if (!isHonest) return inconsistentShares(server, owner, collected.shares);
  }
  return null;
}

type SignedStatement = Statement & { readonly signature: Uint8Array };

interface Lie {
  readonly reveal: Reveal;
  readonly lie: RevealedShare;
}

function contradiction(cohort: Cohort, index: number, [first, second]: readonly [SignedStatement, SignedStatement]): Evidence | null {
  if (!verifyStatement(cohort.contextDigest, second, verifierOf(cohort, index))) return null;
  return equivocation({ contextDigest: cohort.contextDigest, accused: cohort.adverts[index]!.client }, first, second);
}

function equivocation(
  signer: Pick<Equivocation, "contextDigest" | "accused">,
  first: SignedStatement,
  second: SignedStatement,
): Equivocation | null {
  if (first.fields.every((field, i) => equalBytes(field, second.fields[i]!))) return null;
  const { label } = first;
  const fieldsOf = ({ fields, signature }: SignedStatement): Equivocation["first"] => ({ fields, signature });
  return { ...signer, kind: "equivocation", label, first: fieldsOf(first), second: fieldsOf(second) };
}

function falseSeed({ cohort, bundles, survivorsDigest }: UnmaskingServer, index: number, { reveal, lie }: Lie): FalseSeed {
  return {
    kind: "false-seed",
    ...accusationOf(cohort, index),
    bundle: signedBundle(cohort, index, bundleOf(bundles, index)),
    reveal: provenReveal(survivorsDigest, reveal, lie),
  };
}

/** Null when the holder complained of the dealer, so that it never said to hold the share. */
function falseShare(server: UnmaskingServer, index: number, { reveal, lie }: Lie): FalseShare | null {
  const { cohort, bundles, graph, headers, dealersDigest, survivorsDigest } = server;
  const { complaints, ...header } = headers.get(index)!;
  const leaves = heldBy(server, index, complaints);
  const position = leaves.findIndex(({ place }) => place.dealer === lie.owner);
  const link = graph.dealers[index]!.find(({ dealer }) => dealer === lie.owner);
  if (position < 0 || link === undefined) return null;
  const accepted = bundleOf(bundles, lie.owner);
  return {
    kind: "false-share",
    ...accusationOf(cohort, index),
    dealer: cohort.adverts[lie.owner]!.client,
    bundle: signedBundle(cohort, lie.owner, accepted),
    dealt: provenLeaf(accepted, link.position),
    holder: index,
    header: { ...header, complaints, dealersDigest },
    held: { position, leafCount: leaves.length + 1, path: merklePath(heldTree(index, leaves), position) },
    reveal: provenReveal(survivorsDigest, reveal, lie),
  };
}

function inconsistentShares(
  { cohort, bundles, survivors }: UnmaskingServer,
  owner: number,
  shares: readonly { readonly coordinate: number; readonly share: Uint8Array }[],
): InconsistentShares {
  const accepted = bundleOf(bundles, owner);
  return {
    kind: "inconsistent-shares",
    ...accusationOf(cohort, owner),
    bundle: signedBundle(cohort, owner, accepted),
    advert: cohort.adverts[owner]!,
    secret: hasMember(survivors, owner) ? "self" : "mask",
    shares: shares.map(({ coordinate, share }) => ({
      ...provenLeaf(accepted, coordinate - 1),
      holder: accepted.bundle.holders[coordinate - 1]!,
      share,
    })),
  };
}

function accusationOf(cohort: Cohort, index: number): Pick<Evidence, "contextDigest" | "accused"> {
  return { contextDigest: cohort.contextDigest, accused: cohort.adverts[index]!.client };
}

function signedBundle(
  cohort: Cohort,
  dealer: number,
  { bundle, tree }: AcceptedBundle,
): BundleContent & { readonly signature: Uint8Array } {
  const { selfSeedDigest, signature } = bundle;
  const { threshold } = cohort.parameters;
  const holders = holdersDigest(bundle.holders);
  return { cohortDigest: cohort.digest, dealer, threshold, holdersDigest: holders, selfSeedDigest, root: merkleRoot(tree), signature };
}

function provenLeaf({ bundle, tree }: AcceptedBundle, position: number): ProvenLeaf {
  const { leaves } = bundle;
  const place = { position, leafCount: leaves.length, path: merklePath(tree, position) };
  return { ...place, leaf: leaves[position]!, envelope: envelopeAt(bundle, position) };
}

function provenReveal(survivorsDigest: Uint8Array, { shares, signature }: Reveal, revealed: RevealedShare): ProvenReveal {
  const position = shares.indexOf(revealed);
  return { survivorsDigest, signature, revealed, position, leafCount: shares.length, path: merklePath(revealTree(shares), position) };
}
