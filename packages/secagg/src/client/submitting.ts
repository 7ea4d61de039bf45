import { type Digest, hasMember, type Members, memberCount, type Outcome, ok, refused, wipeInto } from "@sotto/base";
import { checkDealtShares, takeShares } from "../dealt-share.ts";
import { signHeaderContent } from "../header.ts";
import { type HeldLeaf, heldRoot } from "../held-shares.ts";
import { selfKey } from "../key-schedule.ts";
import type { MaskStream, MaskStreams } from "../masking.ts";
import type { DealtShare, MaskedHeader, MaskRequest } from "../messages.ts";
import type { SecaggRefusal } from "../refusal.ts";
import { dealersDigest } from "../session-digests.ts";
import { agreeWith } from "./agreement.ts";
import type { AttestingState, HeldShares, PeerKeys, Seat, SharingState, SubmittingState } from "./state.ts";

/** A client that knows its masks. */
export interface MasksPrepared {
  /** Secret, and the caller's to wipe once its contribution is masked. */
  readonly masks: MaskStreams;
  /** n: with it `laneBits` says how many bits a lane has. */
  readonly cohortSize: number;
  readonly state: SubmittingState;
  readonly consumed: readonly Uint8Array[];
}

/**
 * The first half of S2 of SECAGG 2.8: accepts who dealt shares or says why not, opens its own shares, and derives its masks: one for itself, one for
 * each dealer it dealt to or that dealt to it. An envelope that does not open, or not to what its leaf commits to, becomes a complaint, not a refusal.
 * `consumed`: both session secret keys, the envelope keys, and the keys of masks that nobody else adds.
 */
export function prepareMasks(state: SharingState, request: MaskRequest): Outcome<MasksPrepared, SecaggRefusal> {
  const { seat } = state;
  const { cohort, index } = seat;
  const dealers = checkDealers(seat, request.dealers);
  if (dealers.kind === "refused") return dealers;
  const dealt = checkDealtShares(seat, request);
  if (dealt.kind === "refused") return dealt;
  const agreed = agreeWithDealers(state, request.dealt);
  if (agreed.kind === "refused") return agreed;
  const peers = agreed.value;
  const live = peers.filter(({ peer }) => hasMember(request.dealers, peer));
  const left = peers.filter(({ peer }) => !hasMember(request.dealers, peer));
  const opened = openAll({ ...state, peers }, request.dealt);
  const masks: readonly MaskStream[] = [
    { key: selfKey(cohort.contextDigest, seat.selfSeed, index), sign: 1 },
    ...live.map(({ peer, pairKey }): MaskStream => ({ key: pairKey, sign: peer > index ? 1 : -1 })),
  ];
  const next: SubmittingState = {
    stage: "submitting",
    seat,
    dealers: request.dealers,
    dealersDigest: dealersDigest(cohort.digest, request.dealers),
    neighbours: live.map(({ peer }) => peer),
    ...opened,
  };
  const consumed = [
    state.maskPair.secretKey,
    state.envelopePair.secretKey,
    ...peers.map((keys) => keys.openingKeys),
    ...left.map((keys) => keys.pairKey),
  ];
  return ok({ masks, cohortSize: cohort.adverts.length, state: next, consumed });
}

/** The second half of S2: signs what was uploaded, whose masks are in it, and which shares were bad. `contributionDigest` is of the packed bytes. */
export function signHeader(
  state: SubmittingState,
  contributionDigest: Digest,
): { readonly header: MaskedHeader; readonly state: AttestingState } {
  const { seat, dealersDigest, complaints, leaves } = state;
  const binding = { contextDigest: seat.cohort.contextDigest, dealersDigest };
  const content = { contributionDigest, complaints, heldRoot: heldRoot(seat.index, leaves) };
  const { dealers, neighbours, held } = state;
  const header = signHeaderContent(binding, content, seat.sign);
  return { header, state: { stage: "attesting", seat, dealers, dealersDigest, neighbours, held } };
}

function checkDealers({ cohort, index, holders }: Seat, dealers: Members): Outcome<Members, SecaggRefusal> {
  const { cohortSize, dropoutMax, threshold } = cohort.parameters;
  if (dealers.length !== cohortSize) {
    return refused("dealer-not-in-cohort", `dealers are named among ${dealers.length} clients, and the cohort has ${cohortSize}`);
  }
  if (!hasMember(dealers, index)) return refused("self-missing", `client ${index} dealt shares and is not among the dealers`);
  const count = memberCount(dealers);
  if (count < cohortSize - dropoutMax) {
    return refused("too-few-dealers", `${count} dealers of ${cohortSize} must be at least ${cohortSize - dropoutMax}`);
  }
  const holding = holders.filter((holder) => hasMember(dealers, holder)).length;
  if (holding < threshold) return refused("too-few-holders", `${holding} live holders must be at least the threshold ${threshold}`);
  return ok(dealers);
}

/** The keys of everybody this client deals with, ascending: of its holders, agreed before, and of the dealers it did not pick itself. */
function agreeWithDealers(state: SharingState, dealt: readonly DealtShare[]): Outcome<readonly PeerKeys[], SecaggRefusal> {
  const known = new Set(state.peers.map(({ peer }) => peer));
  const others = dealt.map(({ dealer }) => dealer).filter((dealer) => !known.has(dealer));
  const { seat, maskPair, envelopePair } = state;
  const agreed = agreeWith({ ...seat, maskPair, envelopePair }, others);
  if (agreed.kind === "refused") return agreed;
  wipeInto(...agreed.value.sealingKeys);
  return ok([...state.peers, ...agreed.value.peers].sort((a, b) => a.peer - b.peer));
}

interface Opened {
  readonly held: readonly HeldShares[];
  readonly leaves: readonly HeldLeaf[];
  readonly complaints: readonly number[];
}

function openAll({ seat, peers }: SharingState, dealt: readonly DealtShare[]): Opened {
  const openingKeys = new Map(peers.map(({ peer, openingKeys }) => [peer, openingKeys]));
  const held: HeldShares[] = [];
  const leaves: HeldLeaf[] = [];
  const complaints: number[] = [];
  for (const one of dealt.toSorted((a, b) => a.dealer - b.dealer)) {
    const place = { dealer: one.dealer, holder: seat.index, coordinate: one.coordinate };
    const shares = takeShares(seat.cohort, one, { keys: openingKeys.get(one.dealer)!, place });
    if (shares === null) {
      complaints.push(one.dealer);
      continue;
    }
    held.push({ dealer: one.dealer, shares });
    leaves.push({ place, leaf: one.leaf });
  }
  return { held, leaves, complaints };
}
