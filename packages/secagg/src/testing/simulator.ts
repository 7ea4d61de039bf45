import { hasMember, invariant, membersOf, type Rng } from "@sotto/base";
import { type Seed, seededRng, seedFrom, sha256Digest, type X25519KeyPair, x25519 } from "@sotto/crypto";
import { createLanes, type EncodedContribution, type Lanes, type MaskedContribution, packLanes } from "@sotto/vector";
import { attestationStatement } from "../attestation.ts";
import { agreeWith } from "../client/agreement.ts";
import { attest } from "../client/attesting.ts";
import { advertise } from "../client/keying.ts";
import { reveal } from "../client/revealing.ts";
import { shareKeys } from "../client/sharing.ts";
import type { AttestingState, KeyingState, RevealingState, Seat, SharingState } from "../client/state.ts";
import { prepareMasks, signHeader } from "../client/submitting.ts";
import { dealShares, derivedCount } from "../dealing.ts";
import { takeShares } from "../dealt-share.ts";
import { deriveShares, envelopeBytes, sealShares } from "../envelope.ts";
import { signHeaderContent } from "../header.ts";
import { heldRoot } from "../held-shares.ts";
import { pairKey, selfKey, selfSeedDigest } from "../key-schedule.ts";
import { type MaskStream, maskInto } from "../masking.ts";
import type { Advert, MaskedHeader, Reveal, RevealedShare, ShareBundle } from "../messages.ts";
import type { LaneWidth } from "../server/accumulator.ts";
import { attestRequestFor, closeSignatures, receiveSignature } from "../server/attesting.ts";
import { closeContributions, heldBy, maskRequestFor, receiveHeader } from "../server/collecting.ts";
import { closeAdverts, receiveAdvert } from "../server/keying.ts";
import { revealRequestFor } from "../server/revealing.ts";
import { closeShares, receiveShares } from "../server/sharing.ts";
import type { AttestingServer, CollectingServer, KeyingServer, UnmaskingServer } from "../server/state.ts";
import { type Fixture, value } from "../session-fixture.ts";
import { neighboursOf } from "../share-graph.ts";
import { type SharePair, type SharePlace, shareLeaf } from "../share-leaf.ts";
import { signStatement } from "../statement.ts";
import type { DropPlan } from "./drop-plans.ts";
import { signedBundle, signedReveal } from "./signing.ts";
import type { Transcript } from "./transcript.ts";

// The simulator of SECAGG 3: all a coordinator and corrupt clients see of a session, made without any honest client's contribution. It stands for the
// honest clients' identity keys too, as it plays them. Envelopes between honest clients hold noise, secrets that are never rebuilt are other ones, and the
// masked contributions are uniform but for the last, which makes the sum come out.

/** What a session gives away, by SECAGG 2.14, and what the corrupt clients have. */
export interface Leak {
  readonly opened: KeyingServer;
  readonly clients: Fixture["clients"];
  readonly context: Fixture["context"];
  readonly rule: Fixture["rule"];
  /** U2 to U4, and who answered. */
  readonly plan: DropPlan;
  /** Who holds whose shares. */
  readonly holders: readonly (readonly number[])[];
  readonly width: LaneWidth;
  /** Of the survivors' contributions, modulo 2^bits. */
  readonly sum: readonly number[];
  readonly corrupt: ReadonlyMap<number, CorruptClient>;
}

/** A corrupt client that keeps to the protocol, with all its coins. */
export interface CorruptClient {
  readonly advertising: Seed;
  readonly sharing: Seed;
  readonly contribution: EncodedContribution;
}

/** A client that the simulator plays: it has contributed nothing. */
interface Simulated {
  readonly seat: Seat;
  readonly bundle: ShareBundle;
  readonly maskPair: X25519KeyPair;
  /** By position among its holders. */
  readonly dealt: readonly SharePair[];
  /** Of the dealers that it holds shares of, by dealer. */
  readonly openingKeys: ReadonlyMap<number, Uint8Array>;
}

/** A corrupt client on its way. */
interface Corrupt extends CorruptClient {
  readonly bundle: ShareBundle;
  readonly state: SharingState;
}

type Client = { readonly kind: "simulated"; readonly client: Simulated } | { readonly kind: "corrupt"; readonly client: Corrupt };

/** A transcript that shows what a real one shows, of these coins. */
export function simulate(leak: Leak, seed: Seed): Transcript {
  const rng = seededRng(seed);
  const keyed = leak.clients.map(({ id, identity }, index) =>
    advertise({
      context: leak.context,
      client: id,
      signingKey: identity.secretKey,
      seed: leak.corrupt.get(index)?.advertising ?? seedFrom(rng),
    }),
  );
  const adverts = keyed.map(({ advert }) => advert);
  const sharing = value(closeAdverts(adverts.reduce((s, advert) => value(receiveAdvert(s, advert)).state, leak.opened)));
  const survivors = membersOf(leak.clients.length, leak.plan.survivors);
  const clients = keyed.map(({ state }, index): Client => {
    const corrupt = leak.corrupt.get(index);
    if (corrupt !== undefined) return { kind: "corrupt", client: dealHonestly(leak, { state, adverts, corrupt }) };
    const seat = { cohort: sharing.cohort, index, sign: state.sign, holders: leak.holders[index]!, selfSeed: rng.bytes(32) };
    return { kind: "simulated", client: dealNoise(leak, { seat, state, survives: hasMember(survivors, index), rng }) };
  });
  const bundles = leak.plan.dealers.map((index) => ({ index, bundle: clients[index]!.client.bundle }));
  const collecting = value(closeShares(bundles.reduce((s, { index, bundle }) => value(receiveShares(s, index, bundle)).state, sharing)));
  return { adverts, bundles, ...afterDealing(leak, { clients, collecting, rng }) };
}

/** What a corrupt client deals. */
function dealHonestly(
  { rule }: Leak,
  { state, adverts, corrupt }: { readonly state: KeyingState; readonly adverts: readonly Advert[]; readonly corrupt: CorruptClient },
): Corrupt {
  const shared = value(shareKeys(state, { ...rule, adverts, seed: corrupt.sharing }));
  return { ...corrupt, bundle: shared.bundle, state: shared.state };
}

/** A bundle whose secrets are genuine where they will be rebuilt, and noise where not; and whose envelopes are noise but to corrupt clients. */
function dealNoise(
  leak: Leak,
  { seat, state, survives, rng }: { readonly seat: Seat; readonly state: KeyingState; readonly survives: boolean; readonly rng: Rng },
): Simulated {
  const { cohort, index, holders, selfSeed } = seat;
  const { contextDigest, digest: cohortDigest } = cohort;
  const { sealingKeys } = value(agreeWith({ ...state, cohort, index }, holders));
  const bindings = holders.map((holder, position) => ({
    keys: sealingKeys[position]!,
    cohortDigest,
    place: placeOf(index, holder, position),
  }));
  const secrets = survives ? { self: selfSeed, mask: rng.bytes(32) } : { self: rng.bytes(32), mask: state.maskPair.secretKey };
  const derived = bindings.slice(0, derivedCount(cohort.parameters)).map(deriveShares);
  const dealt = dealShares({ secrets, derived, holderCount: holders.length });
  const sealed = bindings.slice(derived.length).map((binding, i) => ({ binding, pair: dealt[derived.length + i]! }));
  const bundle = signedBundle(seat, {
    holders,
    selfSeedDigest: survives ? selfSeedDigest(contextDigest, selfSeed) : rng.bytes(32),
    leaves: dealt.map((pair, position) => shareLeaf(contextDigest, bindings[position]!.place, pair)),
    envelopes: sealed.map(({ binding, pair }) =>
      leak.corrupt.has(binding.place.holder) ? sealShares(binding, pair) : rng.bytes(envelopeBytes),
    ),
  });
  const dealers = leak.holders.flatMap((list, dealer) => (list.includes(index) ? [dealer] : []));
  const agreed = value(agreeWith({ ...state, cohort, index }, dealers)).peers;
  const openingKeys = new Map(agreed.map(({ peer, openingKeys: keys }) => [peer, keys]));
  return { seat, bundle, maskPair: state.maskPair, dealt, openingKeys };
}

function placeOf(dealer: number, holder: number, position: number): SharePlace {
  return { dealer, holder, coordinate: position + 1 };
}

interface Dealt {
  readonly clients: readonly Client[];
  readonly collecting: CollectingServer;
  readonly rng: Rng;
}

function afterDealing(leak: Leak, dealt: Dealt): Omit<Transcript, "adverts" | "bundles"> {
  const { plan, width } = leak;
  const { clients, collecting } = dealt;
  const submitted = submit(leak, dealt);
  const contributions = submitted.map(({ index, masked }) => ({ index, packed: packLanes(masked, width.bits) }));
  const headed = contributions.map(({ index, packed }) => ({ index, ...headerOf(collecting, clients[index]!, packed) }));
  const headers = headed.map(({ index, header }) => ({ index, header }));
  const attesting = value(
    closeContributions(headers.reduce((s, { index, header }) => value(receiveHeader(s, index, header)).state, collecting)),
  );
  const attested = new Map(headed.map(({ index, state }) => [index, attestationOf(attesting, clients[index]!, state)]));
  const signatures = plan.signers.map((index) => ({ index, signature: attested.get(index)!.signature }));
  const unmasking = value(closeSignatures(signatures.reduce((s, signed) => value(receiveSignature(s, signed)).state, attesting)));
  const reveals = plan.responders.map((index) => ({
    index,
    reveal: revealOf(unmasking, { clients, index, state: attested.get(index)!.state }),
  }));
  return { contributions, headers, signatures, reveals };
}

interface Submitted {
  readonly index: number;
  readonly masked: MaskedContribution;
}

/** Uniform lanes for each simulated survivor but the last, which gets what makes the sum come out. */
function submit(leak: Leak, dealt: Dealt): readonly Submitted[] {
  const rest: Lanes = maskInto(sumLanes(leak), leftMasks(leak, dealt));
  const last = leak.plan.survivors.findLast((index) => !leak.corrupt.has(index));
  invariant(last !== undefined, "a survivor is honest");
  const others = leak.plan.survivors.filter((index) => index !== last).map((index) => ({ index, masked: maskedOf(leak, dealt, index) }));
  for (const { masked } of others) for (let lane = 0; lane < rest.length; lane++) rest[lane]! -= masked[lane]!;
  return [...others, { index: last, masked: rest as MaskedContribution }].sort((a, b) => a.index - b.index);
}

function sumLanes({ sum, width }: Leak): EncodedContribution {
  const lanes = createLanes(width);
  lanes.set(sum);
  return lanes as EncodedContribution;
}

function maskedOf({ width }: Leak, { clients, collecting, rng }: Dealt, index: number): MaskedContribution {
  const one = clients[index]!;
  if (one.kind === "corrupt") {
    const { masks } = value(prepareMasks(one.client.state, maskRequestFor(collecting, index)));
    return maskInto(one.client.contribution.slice() as EncodedContribution, masks);
  }
  const lanes = createLanes(width);
  new Uint8Array(lanes.buffer).set(rng.bytes(lanes.byteLength));
  return lanes as MaskedContribution;
}

/** The masks that the coordinator will take away: the survivors' own, and those that survivors share with who dropped after dealing. */
function leftMasks({ plan }: Leak, { clients, collecting }: Dealt): readonly MaskStream[] {
  const { contextDigest, adverts } = collecting.cohort;
  const survivors = membersOf(clients.length, plan.survivors);
  const selfMasks = plan.survivors.map(
    (index): MaskStream => ({ key: selfKey(contextDigest, seatOf(clients[index]!).selfSeed, index), sign: 1 }),
  );
  const dropped = plan.dealers.filter((index) => !hasMember(survivors, index));
  const pairMasks = dropped.flatMap((gone) =>
    neighboursOf(collecting.graph, gone, survivors).map((peer): MaskStream => {
      const shared = value(x25519(maskPairOf(clients[gone]!), adverts[peer]!.maskKey));
      return { key: pairKey(contextDigest, shared, { from: peer, to: gone }), sign: gone > peer ? 1 : -1 };
    }),
  );
  return [...selfMasks, ...pairMasks];
}

function seatOf(one: Client): Seat {
  return one.kind === "corrupt" ? one.client.state.seat : one.client.seat;
}

function maskPairOf(one: Client): X25519KeyPair {
  return one.kind === "corrupt" ? one.client.state.maskPair : one.client.maskPair;
}

/** The header of a contribution, and the state of a corrupt client after it. */
function headerOf(
  collecting: CollectingServer,
  one: Client,
  packed: Uint8Array,
): { readonly header: MaskedHeader; readonly state: AttestingState | null } {
  const contributionDigest = sha256Digest(packed);
  const { index, sign } = seatOf(one);
  if (one.kind === "corrupt") {
    return signHeader(value(prepareMasks(one.client.state, maskRequestFor(collecting, index))).state, contributionDigest);
  }
  const binding = { contextDigest: collecting.cohort.contextDigest, dealersDigest: collecting.dealersDigest };
  const content = { contributionDigest, complaints: [], heldRoot: heldRoot(index, heldBy(collecting, index, [])) };
  return { header: signHeaderContent(binding, content, sign), state: null };
}

function attestationOf(
  attesting: AttestingServer,
  one: Client,
  state: AttestingState | null,
): { readonly signature: Uint8Array; readonly state: RevealingState | null } {
  const { index, sign, cohort } = seatOf(one);
  if (state !== null) return value(attest(state, attestRequestFor(attesting, index)));
  return { signature: signStatement(cohort.contextDigest, attestationStatement(attesting.survivorsDigest), sign), state: null };
}

function revealOf(
  unmasking: UnmaskingServer,
  { clients, index, state }: { readonly clients: readonly Client[]; readonly index: number; readonly state: RevealingState | null },
): Reveal {
  if (state !== null) return value(reveal(state, revealRequestFor(unmasking, index))).reveal;
  const one = clients[index]!;
  invariant(one.kind === "simulated", "a corrupt client has a state");
  const { survivors, survivorsDigest } = unmasking;
  const own: RevealedShare = { owner: index, kind: "self", share: one.client.seat.selfSeed };
  const others = maskRequestFor({ ...unmasking, stage: "collecting" }, index).dealt.map((dealt): RevealedShare => {
    const kind = hasMember(survivors, dealt.dealer) ? "self" : "mask";
    return { owner: dealt.dealer, kind, share: heldOf(clients, one.client, dealt)[kind] };
  });
  return signedReveal(
    one.client.seat,
    survivorsDigest,
    [...others, own].sort((a, b) => a.owner - b.owner),
  );
}

/** The shares that a simulated client holds of a dealer: those it was noted to be dealt, or what is in a corrupt dealer's envelope. */
function heldOf(clients: readonly Client[], holder: Simulated, dealt: Parameters<typeof takeShares>[1]): SharePair {
  const dealer = clients[dealt.dealer]!;
  if (dealer.kind === "simulated") return dealer.client.dealt[dealt.coordinate - 1]!;
  const place = { dealer: dealt.dealer, holder: holder.seat.index, coordinate: dealt.coordinate };
  const shares = takeShares(holder.seat.cohort, dealt, { keys: holder.openingKeys.get(dealt.dealer)!, place });
  invariant(shares !== null, "a corrupt client that keeps to the protocol deals good shares");
  return shares;
}
