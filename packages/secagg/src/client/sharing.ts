import { type Outcome, ok, refused, wipeInto } from "@sotto/base";
import { type Seed, seededRng } from "@sotto/crypto";
import { sameAdvert } from "../advert.ts";
import { bundleStatement, bundleTree, holdersDigest } from "../bundle.ts";
import { type Cohort, type CohortCheck, type CohortRule, checkCohort } from "../cohort.ts";
import { dealShares, derivedCount, wipeShares } from "../dealing.ts";
import { deriveShares, sealShares } from "../envelope.ts";
import { drawHolders, everybodyElse } from "../graph/holders.ts";
import { selfSeedDigest } from "../key-schedule.ts";
import { merkleRoot } from "../merkle.ts";
import type { Advert, ShareBundle } from "../messages.ts";
import { isComplete } from "../parameters.ts";
import type { SecaggRefusal } from "../refusal.ts";
import { type SharePlace, shareLeaf } from "../share-leaf.ts";
import { signStatement } from "../statement.ts";
import { agreeWith } from "./agreement.ts";
import type { KeyingState, Seat, SharingState } from "./state.ts";

/** What a client deals shares by: the cohort it is told, and what it itself knows and asks for. */
export interface ShareKeysInput extends CohortRule {
  readonly adverts: readonly Advert[];
  /** `checkCohort` when left out. Clients simulated in one process share one that remembers. */
  readonly check?: CohortCheck;
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
 * S1 of SECAGG 2.8: accepts the cohort or says why not, picks its holders, agrees on keys with them, and deals them shares of its self seed and mask
 * key. `consumed` is the seed.
 */
export function shareKeys(state: KeyingState, input: ShareKeysInput): Outcome<KeysShared, SecaggRefusal> {
  const { adverts, check = checkCohort } = input;
  const checked = check(state.contextDigest, adverts, input);
  if (checked.kind === "refused") return checked;
  const cohort = checked.value;
  const index = cohort.adverts.findIndex((advert) => advert.client === state.client);
  if (index < 0) return refused("self-missing", `client ${state.client} is not in the cohort it is asked to share keys with`);
  if (!sameAdvert(cohort.adverts[index]!, state.advert)) {
    return refused("own-advert-altered", `advert of client ${state.client} is not the one it sent`);
  }
  const rng = seededRng(input.seed);
  const { cohortSize, holderCount } = cohort.parameters;
  // A client's own draw, of its own randomness: no coordinator can grind or learn it before the bundle is signed (SECAGG 2.5).
  const holders = isComplete(cohort.parameters) ? everybodyElse(cohortSize, index) : drawHolders({ cohortSize, index, holderCount, rng });
  const agreed = agreeWith({ ...state, cohort, index }, holders);
  if (agreed.kind === "refused") return agreed;
  const seat: Seat = { cohort, index, sign: state.sign, holders, selfSeed: rng.bytes(32) };
  const bundle = deal(seat, state.maskPair.secretKey, agreed.value.sealingKeys);
  wipeInto(...agreed.value.sealingKeys);
  const { maskPair, envelopePair } = state;
  const next: SharingState = { stage: "sharing", seat, maskPair, envelopePair, peers: agreed.value.peers };
  return ok({ bundle, state: next, consumed: [input.seed] });
}

/** The bundle of both secrets; `keys` are those of the envelopes, in the order of the holders: sealed with, or shares derived from. */
function deal(seat: Seat, maskSecret: Uint8Array, keys: readonly Uint8Array[]): ShareBundle {
  const { cohort, holders, selfSeed } = seat;
  const { contextDigest, digest: cohortDigest } = cohort;
  const bindings = holders.map((holder, position) => ({ keys: keys[position]!, cohortDigest, place: placeOf(seat, holder, position) }));
  const derived = bindings.slice(0, derivedCount(cohort.parameters)).map(deriveShares);
  const pairs = dealShares({ secrets: { self: selfSeed, mask: maskSecret }, derived, holderCount: holders.length });
  const leaves = pairs.map((pair, position) => shareLeaf(contextDigest, bindings[position]!.place, pair));
  const sealed = bindings.slice(derived.length);
  const envelopes = sealed.map((binding, i) => sealShares(binding, pairs[derived.length + i]!));
  wipeShares(pairs);
  const dealt = { holders, selfSeedDigest: selfSeedDigest(contextDigest, selfSeed), leaves, envelopes };
  return { ...dealt, signature: signDealt(seat, cohort, dealt) };
}

function placeOf({ index }: Seat, holder: number, position: number): SharePlace {
  return { dealer: index, holder, coordinate: position + 1 };
}

function signDealt({ index, sign }: Seat, cohort: Cohort, dealt: Omit<ShareBundle, "signature">): Uint8Array {
  const statement = bundleStatement({
    cohortDigest: cohort.digest,
    dealer: index,
    threshold: cohort.parameters.threshold,
    holdersDigest: holdersDigest(dealt.holders),
    selfSeedDigest: dealt.selfSeedDigest,
    root: merkleRoot(bundleTree(dealt)),
  });
  return signStatement(cohort.contextDigest, statement, sign);
}
