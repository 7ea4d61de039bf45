import { invariant, parseRoundNumber } from "@sotto/base";
import fc from "fast-check";
import { advertStatement } from "../advert.ts";
import { attestationStatement } from "../attestation.ts";
import { bundleStatement, bundleTree, envelopeAt, holdersDigest } from "../bundle.ts";
import type { Evidence, InconsistentShares, MerklePlace, ProvenLeaf, ProvenReveal, SignedFields } from "../evidence.ts";
import { headerStatement } from "../header.ts";
import { heldTree } from "../held-shares.ts";
import { merklePath, merkleRoot } from "../merkle.ts";
import { revealRoot, revealStatement, revealTree } from "../reveal.ts";
import { heldBy } from "../server/collecting.ts";
import type { UnmaskingServer } from "../server/state.ts";
import { keyingStage, sessionContext, sharingStage, value } from "../session-fixture.ts";
import type { Statement, StatementLabel } from "../statement.ts";
import { honestSharing, liarFixture, played } from "./liars.ts";

// What a coordinator that wants to convict an honest client can put together: every part of it is true, and signed, somewhere.

const survivors = [0, 1, 2, 3, 4, 5];
const other = { ...liarFixture, context: { ...sessionContext, round: parseRoundNumber(2) } };
const otherSharing = value(sharingStage(keyingStage(other), [...survivors, 6]));

/** Two honest sessions of the same clients, in two rounds, everybody's reveals in. */
const sessions: readonly UnmaskingServer[] = [played(honestSharing, survivors), played(otherSharing, survivors)];

/** Where a part is taken from. */
interface Source {
  readonly server: UnmaskingServer;
  readonly dealer: number;
  /** A survivor other than the dealer. */
  readonly holder: number;
}

const source: fc.Arbitrary<Source> = fc
  .record({ server: fc.constantFrom(...sessions), dealer: fc.nat({ max: 6 }), holder: fc.nat({ max: 5 }) })
  .filter(({ dealer, holder }) => dealer !== holder);

/** Null six times of seven. */
function rarely<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> {
  return fc.oneof({ weight: 6, arbitrary: fc.constant(null) }, { weight: 1, arbitrary });
}

/** Most parts are of one source, so that they fit; now and then one is of another. */
function partsFrom<Name extends string>(...names: readonly Name[]): fc.Arbitrary<Record<Name, Source>> {
  const choices = fc.array(rarely(source), { minLength: names.length, maxLength: names.length });
  return fc.tuple(source, choices).map(([usual, chosen]) => {
    const parts = names.map((name, i) => [name, chosen[i] ?? usual] as const);
    return Object.fromEntries(parts) as Record<Name, Source>;
  });
}

/** Now and then another place of a tree, as a liar might say. */
const replaced: fc.Arbitrary<Partial<MerklePlace>> = fc.oneof(
  { weight: 4, arbitrary: fc.constant({}) },
  { weight: 1, arbitrary: fc.record({ position: fc.nat({ max: 7 }), leafCount: fc.integer({ min: 1, max: 9 }) }) },
);

const label = fc.constantFrom<StatementLabel>("adv", "shr", "msk", "con", "rev");

const equivocation: fc.Arbitrary<Evidence> = fc
  .tuple(partsFrom("context", "accused", "first", "second"), label, rarely(label))
  .map(([{ context, accused, first, second }, said, otherLabel]) => ({
    kind: "equivocation",
    ...accusation(context, accused.holder),
    label: said,
    first: signedFields(first, said),
    second: signedFields(second, otherLabel ?? said),
  }));

const falseSeed: fc.Arbitrary<Evidence> = fc
  .tuple(partsFrom("context", "accused", "bundle", "reveal"), fc.boolean(), replaced)
  .map(([{ context, accused, bundle, reveal }, own, place]) => ({
    kind: "false-seed",
    ...accusation(context, accused.holder),
    bundle: signedBundle(bundle.server, bundle.holder),
    reveal: { ...provenReveal(reveal, own ? reveal.holder : reveal.dealer), ...place },
  }));

const falseShare: fc.Arbitrary<Evidence> = fc
  .tuple(partsFrom("context", "accused", "bundle", "dealt", "header", "held", "reveal"), replaced, replaced)
  .map(([{ context, accused, bundle, dealt, header, held, reveal }, dealtPlace, heldPlace]) => {
    const { dealersDigest } = header.server;
    return {
      kind: "false-share",
      ...accusation(context, accused.holder),
      dealer: idOf(bundle.dealer),
      bundle: signedBundle(bundle.server, bundle.dealer),
      dealt: { ...provenLeaf(dealt), ...dealtPlace },
      holder: held.holder,
      header: { ...header.server.headers.get(header.holder)!, dealersDigest },
      held: { ...heldPlaceOf(held), ...heldPlace },
      reveal: provenReveal(reveal, reveal.dealer),
    };
  });

const inconsistent: fc.Arbitrary<Evidence> = fc
  .tuple(
    partsFrom("context", "accused", "bundle", "advert", "a", "b", "c", "d"),
    fc.shuffledSubarray(survivors, { minLength: 5 }),
    fc.constantFrom("self" as const, "mask" as const),
    replaced,
  )
  .map(([{ context, accused, bundle, advert, a, b, c, d }, holders, secret, place]) => {
    const others = holders.filter((holder) => holder !== bundle.dealer);
    const shares = [a, b, c, d].map((from, i) => shareOf({ ...from, holder: others[i] === from.dealer ? from.holder : others[i]! }));
    return {
      kind: "inconsistent-shares",
      ...accusation(context, accused.dealer),
      bundle: signedBundle(bundle.server, bundle.dealer),
      advert: advert.server.cohort.adverts[advert.dealer]!,
      secret: bundle.dealer === 6 ? "mask" : secret,
      shares: shares.with(0, { ...shares[0]!, ...place }),
    };
  });

/** Evidence of every kind, made of honest parts. */
export const honestEvidence: fc.Arbitrary<Evidence> = fc.oneof(equivocation, falseSeed, falseShare, inconsistent);

function idOf(index: number): Evidence["accused"] {
  return liarFixture.clients[index]!.id;
}

function accusation({ server }: Source, accused: number): Pick<Evidence, "contextDigest" | "accused"> {
  return { contextDigest: server.cohort.contextDigest, accused: idOf(accused) };
}

/** What the holder of a source signed under a label. */
function signedFields({ server, holder }: Source, said: StatementLabel): SignedFields {
  const { statement, signature } = statementsOf(server, holder)[said];
  return { fields: statement.fields, signature };
}

function statementsOf(
  server: UnmaskingServer,
  index: number,
): Readonly<Record<StatementLabel, { readonly statement: Statement; readonly signature: Uint8Array }>> {
  const advert = server.cohort.adverts[index]!;
  const bundle = signedBundle(server, index);
  const header = server.headers.get(index)!;
  const { shares, signature } = server.reveals.get(index)!.reveal;
  // The quorum is 4 of the 6 survivors: the last ones take the signature of the first, which is good for no one but its signer.
  const attested = server.signatures.find((signed) => signed.index === index) ?? server.signatures[0]!;
  return {
    adv: { statement: advertStatement(advert), signature: advert.signature },
    shr: { statement: bundleStatement(bundle), signature: bundle.signature },
    msk: { statement: headerStatement(server.dealersDigest, header), signature: header.signature },
    con: { statement: attestationStatement(server.survivorsDigest), signature: attested.signature },
    rev: { statement: revealStatement(server.survivorsDigest, revealRoot(shares)), signature },
  };
}

function signedBundle({ cohort, bundles }: UnmaskingServer, dealer: number): InconsistentShares["bundle"] {
  const { bundle, tree } = bundles.get(dealer)!;
  const { selfSeedDigest, signature, holders } = bundle;
  const { threshold } = cohort.parameters;
  const digest = holdersDigest(holders);
  return { cohortDigest: cohort.digest, dealer, threshold, holdersDigest: digest, selfSeedDigest, root: merkleRoot(tree), signature };
}

function provenLeaf({ server, dealer, holder }: Source): ProvenLeaf {
  const { bundle } = server.bundles.get(dealer)!;
  const position = bundle.holders.indexOf(holder);
  const place = { position, leafCount: bundle.leaves.length, path: merklePath(bundleTree(bundle), position) };
  return { ...place, leaf: bundle.leaves[position]!, envelope: envelopeAt(bundle, position) };
}

function heldPlaceOf({ server, dealer, holder }: Source): MerklePlace {
  const leaves = heldBy(server, holder, []);
  const position = leaves.findIndex(({ place }) => place.dealer === dealer);
  return { position, leafCount: leaves.length + 1, path: merklePath(heldTree(holder, leaves), position) };
}

function provenReveal({ server, holder }: Source, owner: number): ProvenReveal {
  const { shares, signature } = server.reveals.get(holder)!.reveal;
  const position = shares.findIndex((share) => share.owner === owner);
  invariant(position >= 0, "every survivor holds a share of every other dealer");
  const path = merklePath(revealTree(shares), position);
  return { survivorsDigest: server.survivorsDigest, signature, revealed: shares[position]!, position, leafCount: shares.length, path };
}

function shareOf(from: Source): InconsistentShares["shares"][number] {
  return { ...provenLeaf(from), holder: from.holder, share: provenReveal(from, from.dealer).revealed.share };
}
