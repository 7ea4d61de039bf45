import { type Outcome, ok, refused, wipeInto } from "@sotto/base";
import { type Seed, seededRng, type X25519KeyPair, x25519 } from "@sotto/crypto";
import { sameAdvert } from "../advert.ts";
import { bundleTree, signBundle } from "../bundle.ts";
import { type Cohort, type CohortRule, checkCohort, holdersOf } from "../cohort.ts";
import { sealShares } from "../envelope.ts";
import { envelopeKey, pairKey, selfSeedDigest } from "../key-schedule.ts";
import { merkleRoot } from "../merkle.ts";
import type { Advert, ShareBundle } from "../messages.ts";
import type { SecaggRefusal } from "../refusal.ts";
import { splitSecret } from "../shamir.ts";
import { shareLeaf } from "../share-leaf.ts";
import type { KeyingState, PeerKeys, Seat, SharingState } from "./state.ts";

/** What a client deals shares by: the cohort it is told, and what it itself knows and asks for. */
export interface ShareKeysInput extends CohortRule {
  readonly adverts: readonly Advert[];
  /** Fresh. */
  readonly seed: Seed;
}

/** A client that has dealt its shares. */
export interface KeysShared {
  readonly bundle: ShareBundle;
  readonly state: SharingState;
  readonly consumed: readonly Uint8Array[];
}

/**
 * S1 of SECAGG 2.8: accepts the cohort or says why not, agrees on keys with everybody in it, and deals shares of its self seed and mask key.
 * `consumed`: the seed and both session secret keys, which nothing needs after this.
 */
export function shareKeys(state: KeyingState, input: ShareKeysInput): Outcome<KeysShared, SecaggRefusal> {
  const checked = checkCohort(state.contextDigest, input.adverts, input);
  if (checked.kind === "refused") return checked;
  const cohort = checked.value;
  const index = cohort.adverts.findIndex((advert) => advert.client === state.client);
  if (index < 0) return refused("self-missing", `client ${state.client} is not in the cohort it is asked to share keys with`);
  if (!sameAdvert(cohort.adverts[index]!, state.advert)) {
    return refused("own-advert-altered", `advert of client ${state.client} is not the one it sent`);
  }
  const agreed = agreeWithPeers(state, cohort, index);
  if (agreed.kind === "refused") return agreed;
  const rng = seededRng(input.seed);
  const selfSeed = rng.bytes(32);
  const seat = { cohort, index, signingKey: state.signingKey, holders: holdersOf(cohort.adverts.length, index), selfSeed };
  const split = { threshold: cohort.parameters.threshold, shareCount: seat.holders.length, rng };
  const shares = {
    self: splitSecret({ ...split, secret: selfSeed }),
    mask: splitSecret({ ...split, secret: state.maskPair.secretKey }),
  };
  const bundle = deal(seat, shares, agreed.value.sealingKeys);
  wipeInto(...shares.self, ...shares.mask, ...agreed.value.sealingKeys);
  const consumed = [input.seed, state.maskPair.secretKey, state.envelopePair.secretKey];
  return ok({ bundle, state: { stage: "sharing", seat, peers: agreed.value.peers }, consumed });
}

interface AgreedKeys {
  readonly peers: readonly PeerKeys[];
  /** In the order of `peers`. */
  readonly sealingKeys: readonly Uint8Array[];
}

function agreeWithPeers(state: KeyingState, cohort: Cohort, index: number): Outcome<AgreedKeys, SecaggRefusal> {
  const peers: PeerKeys[] = [];
  const sealingKeys: Uint8Array[] = [];
  for (const peer of holdersOf(cohort.adverts.length, index)) {
    const advert = cohort.adverts[peer]!;
    const outgoing = { from: index, to: peer };
    const pair = agreeOnce(state.maskPair, advert.maskKey, (shared) => pairKey(cohort.contextDigest, shared, outgoing));
    const keys = agreeOnce(state.envelopePair, advert.envelopeKey, (shared) => ({
      sealing: envelopeKey(cohort.contextDigest, shared, outgoing),
      opening: envelopeKey(cohort.contextDigest, shared, { from: peer, to: index }),
    }));
    if (pair === null || keys === null) return refused("weak-key", `a session key of client ${advert.client} has low order`);
    peers.push({ peer, pairKey: pair, openingKey: keys.opening });
    sealingKeys.push(keys.sealing);
  }
  return ok({ peers, sealingKeys });
}

/** What `derive` makes of a shared secret, which is wiped; null for a weak key. */
function agreeOnce<T>(pair: X25519KeyPair, peerKey: Uint8Array, derive: (shared: Uint8Array) => T): T | null {
  const agreed = x25519(pair, peerKey);
  if (agreed.kind === "refused") return null;
  const derived = derive(agreed.value);
  wipeInto(agreed.value);
  return derived;
}

/** Shares in the order of the seat's holders. */
interface DealtShares {
  readonly self: readonly Uint8Array[];
  readonly mask: readonly Uint8Array[];
}

function deal(seat: Seat, shares: DealtShares, sealingKeys: readonly Uint8Array[]): ShareBundle {
  const { cohort, index, holders } = seat;
  const leaves: Uint8Array[] = [];
  const envelopes: Uint8Array[] = [];
  for (const [position, holder] of holders.entries()) {
    const place = { dealer: index, holder, coordinate: position + 1 };
    const pair = { self: shares.self[position]!, mask: shares.mask[position]! };
    leaves.push(shareLeaf(cohort.contextDigest, place, pair));
    envelopes.push(sealShares({ key: sealingKeys[position]!, cohortDigest: cohort.digest, place }, pair));
  }
  const content = {
    dealer: index,
    holders,
    selfSeedDigest: selfSeedDigest(cohort.contextDigest, seat.selfSeed),
    root: merkleRoot(bundleTree({ leaves, envelopes })),
  };
  const signature = signBundle(cohort, content, seat.signingKey);
  return { holders, selfSeedDigest: content.selfSeedDigest, leaves, envelopes, signature };
}
