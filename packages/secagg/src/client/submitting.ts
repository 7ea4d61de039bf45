import { type Digest, hasMember, type Members, memberCount, memberIndices, type Outcome, ok, refused } from "@sotto/base";
import { checkDealtShare, takeShares } from "../dealt-share.ts";
import { signHeaderContent } from "../header.ts";
import { selfKey } from "../key-schedule.ts";
import type { MaskStream, MaskStreams } from "../masking.ts";
import type { DealtShare, MaskedHeader, MaskRequest } from "../messages.ts";
import type { SecaggRefusal } from "../refusal.ts";
import { dealersDigest } from "../session-digests.ts";
import type { SharePlace } from "../share-leaf.ts";
import type { AttestingState, HeldShares, Seat, SharingState, SubmittingState } from "./state.ts";

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
 * The first half of S2 of SECAGG 2.8: accepts who dealt shares or says why not, opens its own shares, and derives its masks. A share that its signed
 * leaf does not match becomes a complaint, not a refusal. `consumed`: the envelope keys, and the keys of masks that nobody else adds.
 */
export function prepareMasks(state: SharingState, request: MaskRequest): Outcome<MasksPrepared, SecaggRefusal> {
  const { seat, peers } = state;
  const { cohort, index } = seat;
  const dealers = checkDealers(seat, request.dealers);
  if (dealers.kind === "refused") return dealers;
  const checked = checkDealtShares(seat, request);
  if (checked.kind === "refused") return checked;
  const live = peers.filter(({ peer }) => hasMember(request.dealers, peer));
  const left = peers.filter(({ peer }) => !hasMember(request.dealers, peer));
  const { held, complaints } = openAll(state, checked.value);
  const masks: readonly MaskStream[] = [
    { key: selfKey(cohort.contextDigest, seat.selfSeed, index), sign: 1 },
    ...live.map(({ peer, pairKey }): MaskStream => ({ key: pairKey, sign: peer > index ? 1 : -1 })),
  ];
  const next: SubmittingState = {
    stage: "submitting",
    seat,
    dealers: request.dealers,
    dealersDigest: dealersDigest(cohort.digest, request.dealers),
    held,
    complaints,
  };
  const consumed = [...peers.map((keys) => keys.openingKey), ...left.map((keys) => keys.pairKey)];
  return ok({ masks, cohortSize: cohort.adverts.length, state: next, consumed });
}

/** The second half of S2: signs what was uploaded, whose masks are in it, and which shares were bad. `contributionDigest` is of the packed bytes. */
export function signHeader(
  state: SubmittingState,
  contributionDigest: Digest,
): { readonly header: MaskedHeader; readonly state: AttestingState } {
  const { seat, dealers, dealersDigest, held, complaints } = state;
  const binding = { contextDigest: seat.cohort.contextDigest, dealersDigest };
  const header = signHeaderContent(binding, { contributionDigest, complaints }, seat.signingKey);
  return { header, state: { stage: "attesting", seat, dealers, dealersDigest, held } };
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

interface CheckedShare {
  readonly dealt: DealtShare;
  readonly place: SharePlace;
}

/** Checks that exactly the other dealers' shares are there, all signed, before any envelope is opened. In the order of the dealers. */
function checkDealtShares({ cohort, index }: Seat, request: MaskRequest): Outcome<readonly CheckedShare[], SecaggRefusal> {
  const byDealer = new Map<number, DealtShare>();
  for (const dealt of request.dealt) {
    if (!hasMember(request.dealers, dealt.dealer)) {
      return refused("dealer-not-in-cohort", `a share is said to be of ${dealt.dealer}, who is not a dealer`);
    }
    if (dealt.dealer === index || byDealer.has(dealt.dealer)) {
      return refused("unexpected-share", `share of dealer ${dealt.dealer} is the client's own or a second one`);
    }
    byDealer.set(dealt.dealer, dealt);
  }
  const checked: CheckedShare[] = [];
  for (const dealer of memberIndices(request.dealers)) {
    if (dealer === index) continue;
    const dealt = byDealer.get(dealer);
    if (dealt === undefined) return refused("missing-share", `the share of dealer ${dealer} is missing`);
    const place = checkDealtShare(cohort, dealt, index);
    if (place.kind === "refused") return place;
    checked.push({ dealt, place: place.value });
  }
  return ok(checked);
}

function openAll(
  { seat, peers }: SharingState,
  checked: readonly CheckedShare[],
): { readonly held: readonly HeldShares[]; readonly complaints: readonly number[] } {
  const openingKeys = new Map(peers.map(({ peer, openingKey }) => [peer, openingKey]));
  const held: HeldShares[] = [];
  const complaints: number[] = [];
  for (const { dealt, place } of checked) {
    const key = openingKeys.get(dealt.dealer);
    const shares = key === undefined ? null : takeShares(seat.cohort, dealt, { key, place });
    if (shares === null) complaints.push(dealt.dealer);
    else held.push({ dealer: dealt.dealer, shares });
  }
  return { held, complaints };
}
