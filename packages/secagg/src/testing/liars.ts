import { memberIndices } from "@sotto/base";
import { ed25519Signer, sha256Digest } from "@sotto/crypto";
import { signAdvert } from "../advert.ts";
import { attest } from "../client/attesting.ts";
import { reveal } from "../client/revealing.ts";
import { shareKeys } from "../client/sharing.ts";
import { prepareMasks, signHeader } from "../client/submitting.ts";
import type { Evidence } from "../evidence.ts";
import { signHeaderContent } from "../header.ts";
import type { RevealedShare, ShareBundle } from "../messages.ts";
import { attestRequestFor, closeSignatures, receiveSignature } from "../server/attesting.ts";
import { closeContributions, maskRequestFor, receiveHeader } from "../server/collecting.ts";
import { evidenceInAdvert, evidenceInHeader, evidenceInReveal, evidenceInSecrets, evidenceInShares } from "../server/evidence.ts";
import { advertsOf, receiveAdvert } from "../server/keying.ts";
import { receiveReveal, revealRequestFor } from "../server/revealing.ts";
import { closeShares, receiveShares } from "../server/sharing.ts";
import type { CollectingServer, UnmaskingServer } from "../server/state.ts";
import { createFixture, type Fixture, keyingStage, type SharingStage, seedOf, sharingStage, value } from "../session-fixture.ts";
import { flipped, signedBundle, signedReveal } from "./signing.ts";

// Sessions of seven clients with one that lies, and what the coordinator makes of it. The threshold is 4: the first three holders of a dealer derive their
// shares, the other three are sent envelopes. Client 6 drops after dealing, so that shares of its mask key are revealed.

export const liarFixture: Fixture = createFixture({ clientCount: 7, tolerance: { gamma: 0, delta: 0.3 } });
const keying = keyingStage(liarFixture);
const everybody = [0, 1, 2, 3, 4, 5, 6];
const survivors = [0, 1, 2, 3, 4, 5];
const dropped = 6;

/** The session in which nobody has lied yet. */
export const honestSharing: SharingStage = value(sharingStage(keying, everybody));

/** A lie, who told it, and what the coordinator finds. */
export interface Lie {
  readonly name: string;
  /** Cohort index. */
  readonly liar: number;
  readonly find: () => Evidence | null;
}

/** One of each kind of lie that signed messages prove. */
export const lies: readonly Lie[] = [
  { name: "two adverts", liar: 2, find: twoAdverts },
  { name: "two bundles", liar: 2, find: twoBundles },
  { name: "two headers", liar: 2, find: twoHeaders },
  { name: "two reveals", liar: 2, find: twoReveals },
  { name: "another self seed than it committed to", liar: 2, find: () => falseReveal(2, 2) },
  { name: "another self share than it derived", liar: 1, find: () => falseReveal(1, 4) },
  { name: "another self share than it was sent", liar: 5, find: () => falseReveal(5, 0) },
  { name: "another mask share than it derived", liar: 1, find: () => falseReveal(1, dropped) },
  { name: "another mask share than it was sent", liar: 5, find: () => falseReveal(5, dropped) },
  { name: "self shares of another seed than it committed to", liar: 3, find: inconsistentSeed },
  { name: "mask shares of another key than it advertised", liar: dropped, find: inconsistentKey },
];

function twoAdverts(): Evidence | null {
  const [first, other] = [keying.adverts[2]!, keying.adverts[3]!];
  const server = value(receiveAdvert(keying.server, first)).state;
  const { secretKey } = liarFixture.clients[2]!.identity;
  return evidenceInAdvert(server, signAdvert(server.contextDigest, { ...first, maskKey: other.maskKey }, ed25519Signer(secretKey)));
}

function twoBundles(): Evidence | null {
  const server = value(receiveShares(honestSharing.server, 2, honestSharing.bundles[2]!)).state;
  const { adverts } = server.cohort;
  return evidenceInShares(server, 2, value(shareKeys(keying.states[2]!, { ...liarFixture.rule, adverts, seed: seedOf("lie", 0) })).bundle);
}

function twoHeaders(): Evidence | null {
  const server = collected(honestSharing);
  const { header, state } = submitted(honestSharing, server, 2);
  const binding = { contextDigest: server.cohort.contextDigest, dealersDigest: server.dealersDigest };
  const other = signHeaderContent(binding, { ...header, contributionDigest: sha256Digest(new Uint8Array(1)) }, state.seat.sign);
  return evidenceInHeader(value(receiveHeader(server, 2, header)).state, 2, other);
}

function twoReveals(): Evidence | null {
  const server = played(honestSharing, survivors);
  const { shares } = server.reveals.get(2)!.reveal;
  return evidenceInReveal(server, 2, signedReveal(honestSharing.states[2]!.seat, server.survivorsDigest, shares.slice(1)));
}

/** A survivor's reveal with its share of one owner changed. */
function falseReveal(liar: number, owner: number): Evidence | null {
  const server = played(honestSharing, survivors);
  const before = { ...server, reveals: new Map([...server.reveals].filter(([index]) => index !== liar)) };
  const shares = server.reveals
    .get(liar)!
    .reveal.shares.map((one): RevealedShare => (one.owner === owner ? { ...one, share: flipped(one.share) } : one));
  return evidenceInReveal(before, liar, signedReveal(honestSharing.states[liar]!.seat, server.survivorsDigest, shares));
}

/** Found only because the liar does not send its seed itself. */
function inconsistentSeed(): Evidence | null {
  const { seat } = honestSharing.states[3]!;
  const bundle = signedBundle(seat, { ...honestSharing.bundles[3]!, selfSeedDigest: seedOf("lie", 1) });
  return evidenceInSecrets(played(withBundle(3, bundle), [0, 1, 2, 4, 5]));
}

function inconsistentKey(): Evidence | null {
  const { maskPair, ...state } = keying.states[dropped]!;
  const lying = { ...state, maskPair: { ...maskPair, secretKey: seedOf("lie", 2) } };
  const adverts = advertsOf(honestSharing.server);
  const { bundle } = value(shareKeys(lying, { ...liarFixture.rule, adverts, seed: seedOf("share", dropped) }));
  return evidenceInSecrets(played(withBundle(dropped, bundle), survivors));
}

/** The session with another bundle of one client. */
export function withBundle(index: number, bundle: ShareBundle): SharingStage {
  return { ...honestSharing, bundles: honestSharing.bundles.with(index, bundle) };
}

/** Everybody's bundles taken. */
function collected(stage: SharingStage): CollectingServer {
  return value(closeShares(everybody.reduce((s, index) => value(receiveShares(s, index, stage.bundles[index]!)).state, stage.server)));
}

function submitted(stage: SharingStage, server: CollectingServer, index: number): ReturnType<typeof signHeader> {
  const prepared = value(prepareMasks(stage.states[index]!, maskRequestFor(server, index)));
  return signHeader(prepared.state, sha256Digest(Uint8Array.of(index)));
}

/** The session of these bundles, in which client 6 drops after dealing, up to the reveals of the responders. */
export function played(stage: SharingStage, responders: readonly number[]): UnmaskingServer {
  const collecting = collected(stage);
  const signed = new Map(survivors.map((index) => [index, submitted(stage, collecting, index)]));
  const attesting = value(
    closeContributions(survivors.reduce((s, index) => value(receiveHeader(s, index, signed.get(index)!.header)).state, collecting)),
  );
  const attested = new Map(
    memberIndices(attesting.survivors).map((index) => [index, value(attest(signed.get(index)!.state, attestRequestFor(attesting, index)))]),
  );
  const unmasking = value(
    closeSignatures(
      survivors.reduce((s, index) => value(receiveSignature(s, { index, signature: attested.get(index)!.signature })).state, attesting),
    ),
  );
  return responders.reduce((s, index) => {
    const revealed = value(reveal(attested.get(index)!.state, revealRequestFor(unmasking, index)));
    return value(receiveReveal(s, index, revealed.reveal)).state;
  }, unmasking);
}
