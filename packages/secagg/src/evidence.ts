import { assertNever, type ClientId, equalBytes, type Outcome, ok, type Refusal, refused, wipeInto } from "@sotto/base";
import { type Verifier, x25519KeyPair } from "@sotto/crypto";
import { advertStatement, type SessionKeys } from "./advert.ts";
import { type BundleContent, boundLeaf, bundleStatement } from "./bundle.ts";
import { type HeaderContent, headerStatement } from "./header.ts";
import { heldEntry } from "./held-shares.ts";
import { selfSeedDigest } from "./key-schedule.ts";
import { rootOfClaim } from "./merkle.ts";
import type { RevealedShare } from "./messages.ts";
import { revealEntry, revealStatement } from "./reveal.ts";
import { combineShares } from "./shamir.ts";
import { matchesLeaf } from "./share-leaf.ts";
import { type Statement, type StatementLabel, verifyStatement } from "./statement.ts";

/**
 * What convicts one client of a lie to everybody who has the roster: messages it signed that an honest client never signs (SECAGG 2.10, claim P4).
 * Verified by {@link verifyEvidence}. What it holds of secrets is what the liar revealed or dealt.
 */
export type Evidence = Equivocation | FalseSeed | FalseShare | InconsistentShares;

interface Accusation {
  readonly contextDigest: Uint8Array;
  readonly accused: ClientId;
}

/** Two different statements of which a client makes one a session. */
export interface Equivocation extends Accusation {
  readonly kind: "equivocation";
  readonly label: StatementLabel;
  readonly first: SignedFields;
  readonly second: SignedFields;
}

/** A survivor revealed a self seed that is not the one it committed to. */
export interface FalseSeed extends Accusation {
  readonly kind: "false-seed";
  readonly bundle: Signed<BundleContent>;
  readonly reveal: ProvenReveal;
}

/** A holder signed that it holds the shares of a leaf, and revealed another share. */
export interface FalseShare extends Accusation {
  readonly kind: "false-share";
  readonly dealer: ClientId;
  readonly bundle: Signed<BundleContent>;
  readonly dealt: ProvenLeaf;
  /** Cohort index of the accused. */
  readonly holder: number;
  readonly header: Signed<HeaderContent> & { readonly dealersDigest: Uint8Array };
  /** Where the leaf stands among those that the accused signed to hold. */
  readonly held: MerklePlace;
  readonly reveal: ProvenReveal;
}

/** A dealer's shares, each the one it committed to, make another secret than the one it committed to. */
export interface InconsistentShares extends Accusation {
  readonly kind: "inconsistent-shares";
  readonly bundle: Signed<BundleContent>;
  /** The dealer's advert: what a mask key is held against. */
  readonly advert: Signed<SessionKeys>;
  readonly secret: RevealedShare["kind"];
  /** As many as the dealer's threshold. */
  readonly shares: readonly (ProvenLeaf & { readonly holder: number; readonly share: Uint8Array })[];
}

/** Fields with a signature over them. */
export interface SignedFields {
  readonly fields: readonly Uint8Array[];
  readonly signature: Uint8Array;
}

type Signed<Content> = Content & { readonly signature: Uint8Array };

/** A place in a Merkle tree and the way from it to the root. */
export interface MerklePlace {
  readonly position: number;
  readonly leafCount: number;
  readonly path: readonly Uint8Array[];
}

/** A leaf and its envelope, which may be empty, with the way to the root that their dealer signed. Its position plus 1 is the coordinate of the shares. */
export interface ProvenLeaf extends MerklePlace {
  readonly leaf: Uint8Array;
  readonly envelope: Uint8Array;
}

/** One revealed share, with the way to the root that its holder signed. */
export interface ProvenReveal extends MerklePlace {
  readonly survivorsDigest: Uint8Array;
  readonly signature: Uint8Array;
  readonly revealed: RevealedShare;
}

/** Why evidence convicts nobody. */
export type EvidenceRefusal = Refusal<"not-enrolled" | "bad-signature" | "not-proven">;

/**
 * Gives the convicted client when the evidence holds, whoever made it: it is worth what the signatures in it are worth. Lengths and ranges are whoever
 * read it to have checked.
 * @throws FlError `invalid-argument` on shares or digests of a wrong length, or a threshold below 1
 */
export function verifyEvidence(evidence: Evidence, verifierOf: (client: ClientId) => Verifier | null): Outcome<ClientId, EvidenceRefusal> {
  const verify = verifierOf(evidence.accused);
  if (verify === null) return refused("not-enrolled", `client ${evidence.accused} is not in the roster`);
  const signed = signedBy(evidence, verify, verifierOf);
  if (!signed) return refused("bad-signature", "a statement in the evidence is not signed by who is said to have made it");
  if (!proves(evidence)) return refused("not-proven", `the statements of client ${evidence.accused} do not contradict each other`);
  return ok(evidence.accused);
}

function signedBy(evidence: Evidence, verify: Verifier, verifierOf: (client: ClientId) => Verifier | null): boolean {
  const { contextDigest } = evidence;
  const made = (statement: Statement | null, signature: Uint8Array, by: Verifier | null = verify): boolean =>
    statement !== null && by !== null && verifyStatement(contextDigest, { ...statement, signature }, by);
  switch (evidence.kind) {
    case "equivocation": {
      const { label, first, second } = evidence;
      return [first, second].every(({ fields, signature }) => made({ label, fields }, signature));
    }
    case "false-seed":
      return (
        made(bundleStatement(evidence.bundle), evidence.bundle.signature) && made(statementOf(evidence.reveal), evidence.reveal.signature)
      );
    case "false-share": {
      const { bundle, dealer, header, reveal } = evidence;
      return (
        made(bundleStatement(bundle), bundle.signature, verifierOf(dealer)) &&
        made(headerStatement(header.dealersDigest, header), header.signature) &&
        made(statementOf(reveal), reveal.signature)
      );
    }
    case "inconsistent-shares": {
      const { bundle, advert, accused } = evidence;
      return (
        advert.client === accused && made(bundleStatement(bundle), bundle.signature) && made(advertStatement(advert), advert.signature)
      );
    }
    default:
      return assertNever(evidence);
  }
}

function proves(evidence: Evidence): boolean {
  switch (evidence.kind) {
    case "equivocation":
      return !sameFields(evidence.first.fields, evidence.second.fields);
    case "false-seed":
      return provesFalseSeed(evidence);
    case "false-share":
      return provesFalseShare(evidence);
    case "inconsistent-shares":
      return provesInconsistency(evidence);
    default:
      return assertNever(evidence);
  }
}

function provesFalseSeed({ contextDigest, bundle, reveal }: FalseSeed): boolean {
  const { owner, kind, share } = reveal.revealed;
  if (owner !== bundle.dealer || kind !== "self") return false;
  return !equalBytes(selfSeedDigest(contextDigest, share), bundle.selfSeedDigest);
}

function provesFalseShare({ contextDigest, bundle, dealt, holder, header, held, reveal }: FalseShare): boolean {
  const { owner, kind, share } = reveal.revealed;
  const place = { dealer: bundle.dealer, holder, coordinate: dealt.position + 1 };
  const { leaf } = dealt;
  return (
    owner === bundle.dealer &&
    owner !== holder &&
    leadsTo(bundle.root, { ...dealt, leaf: boundLeaf(leaf, dealt.envelope) }) &&
    leadsTo(header.heldRoot, { ...held, leaf: heldEntry({ place, leaf }) }) &&
    !matchesLeaf(contextDigest, place, { kind, share, leaf })
  );
}

function provesInconsistency({ contextDigest, bundle, advert, secret, shares }: InconsistentShares): boolean {
  const distinct = new Set(shares.map(({ position }) => position));
  if (shares.length !== bundle.threshold || distinct.size !== shares.length) return false;
  const areDealt = shares.every(({ holder, share, leaf, envelope, ...place }) => {
    const at = { dealer: bundle.dealer, holder, coordinate: place.position + 1 };
    return (
      leadsTo(bundle.root, { ...place, leaf: boundLeaf(leaf, envelope) }) && matchesLeaf(contextDigest, at, { kind: secret, share, leaf })
    );
  });
  if (!areDealt) return false;
  const rebuilt = combineShares(shares.map(({ position, share }) => ({ coordinate: position + 1, share })));
  const isHonest =
    secret === "self"
      ? equalBytes(selfSeedDigest(contextDigest, rebuilt), bundle.selfSeedDigest)
      : equalBytes(x25519KeyPair(rebuilt).publicKey, advert.maskKey);
  wipeInto(rebuilt);
  return !isHonest;
}

/** What the holder of a proven reveal signed; null when the share does not lead anywhere. */
function statementOf({ survivorsDigest, revealed, position, leafCount, path }: ProvenReveal): Statement | null {
  const root = rootOfClaim({ leaf: revealEntry(revealed), position, leafCount, path });
  return root === null ? null : revealStatement(survivorsDigest, root);
}

function leadsTo(root: Uint8Array, claim: MerklePlace & { readonly leaf: Uint8Array }): boolean {
  const found = rootOfClaim(claim);
  return found !== null && equalBytes(found, root);
}

function sameFields(a: readonly Uint8Array[], b: readonly Uint8Array[]): boolean {
  return a.length === b.length && a.every((field, i) => equalBytes(field, b[i]!));
}
