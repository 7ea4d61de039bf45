import {
  type ClientId,
  digestFromBytes,
  FlError,
  invariant,
  memberIndices,
  type Outcome,
  ok,
  parseClientId,
  parseFederationId,
  parseRoundNumber,
  parseSessionNumber,
} from "@sotto/base";
import { type Ed25519KeyPair, ed25519KeyPair, type Seed, sha256, sha256Digest, toSeed, transcript, u32Bytes } from "@sotto/crypto";
import { createLanes, type EncodedContribution, laneBits, packLanes, type UnmaskedSum } from "@sotto/vector";
import { attest } from "./client/attesting.ts";
import { advertise } from "./client/keying.ts";
import { reveal } from "./client/revealing.ts";
import { shareKeys } from "./client/sharing.ts";
import type { AttestingState, KeyingState, RevealingState, SharingState } from "./client/state.ts";
import { prepareMasks, signHeader } from "./client/submitting.ts";
import type { CohortRule } from "./cohort.ts";
import { type MaskStreams, maskInto, removeMasksInto } from "./masking.ts";
import type { Advert, MaskedHeader, Reveal, SessionContext, ShareBundle, Tolerance } from "./messages.ts";
import type { SecaggRefusal } from "./refusal.ts";
import { rememberingCohorts } from "./remembering-cohorts.ts";
import { rememberingVerifiers } from "./remembering-verifiers.ts";
import { Accumulator } from "./server/accumulator.ts";
import { attestRequestFor, closeSignatures, receiveSignature } from "./server/attesting.ts";
import { closeContributions, maskRequestFor, receiveHeader } from "./server/collecting.ts";
import { advertsOf, closeAdverts, openSession, receiveAdvert } from "./server/keying.ts";
import { receiveReveal, revealRequestFor } from "./server/revealing.ts";
import { closeShares, receiveShares } from "./server/sharing.ts";
import type {
  AttestingServer,
  CollectingServer,
  KeyingServer,
  Received,
  ServerState,
  SharingServer,
  UnmaskingServer,
} from "./server/state.ts";
import { unmask } from "./server/unmasking.ts";

// A whole session in one process, for tests: everybody honest, every message made once, and the test says which of them arrive, in which order.
// Each stage gives the next one for the senders that are named, so that one run of a stage serves many continuations.

/** The refusal codes and sums of a session. */
export type Result<T> = Outcome<T, SecaggRefusal>;

/** A made-up federation: its first client has number 0, and numbers are in the order of ids. */
export interface Fixture {
  readonly clients: readonly { readonly id: ClientId; readonly identity: Ed25519KeyPair }[];
  readonly context: SessionContext;
  readonly rule: CohortRule;
  readonly laneCount: number;
  readonly quantisationBits: number;
  /** What a client contributes, by its number, in fresh lanes of a session of so many bits. */
  readonly contribution: (number: number, bits: number) => EncodedContribution;
}

/** What varies between fixtures. */
export interface FixtureSize {
  readonly clientCount: number;
  readonly tolerance: Tolerance;
  readonly cohortSizeMin?: number;
  /** q: 16 when left out, so that lanes are of 32 bits; at 8 they are of 16. */
  readonly quantisationBits?: number;
}

/** A fixture of tiny contributions of 5 lanes. */
export function createFixture({ clientCount, tolerance, cohortSizeMin = 3, quantisationBits = 16 }: FixtureSize): Fixture {
  const clients = Array.from({ length: clientCount }, (_, number) => ({
    id: parseClientId(`client-${String(number).padStart(4, "0")}`),
    identity: ed25519KeyPair(seedOf("identity", number)),
  }));
  const keys = new Map(clients.map(({ id, identity }) => [id, identity.publicKey]));
  return {
    clients,
    context: sessionContext,
    rule: {
      tolerance,
      cohortSizeMin,
      enrolled: { verificationKey: (client) => keys.get(client) ?? null },
      verifierOf: rememberingVerifiers(),
    },
    laneCount: 5,
    quantisationBits,
    contribution: (number, bits) => hashedContribution(number, { quantisationBits, bits }),
  };
}

/** The context of every fixture. */
export const sessionContext: SessionContext = {
  federation: parseFederationId("north"),
  rosterDigest: digestFromBytes(new Uint8Array(32).fill(1)),
  planDigest: digestFromBytes(new Uint8Array(32).fill(2)),
  modelDigest: digestFromBytes(new Uint8Array(32).fill(3)),
  round: parseRoundNumber(1),
  session: parseSessionNumber(0),
};

/** 32 bytes that only this purpose and number give. */
export function seedOf(purpose: string, number: number): Seed {
  return toSeed(sha256(transcript(purpose, u32Bytes(number))));
}

/** Five lanes that only this number gives: from -(2^(q-1) - 1) to 2^(q-1) - 1 as two's complement modulo the size of a lane. */
function hashedContribution(number: number, width: { readonly quantisationBits: number; readonly bits: number }): EncodedContribution {
  const limit = 2 ** (width.quantisationBits - 1) - 1;
  const words = new Uint16Array(sha256(transcript("contribution", u32Bytes(number))).buffer);
  const lanes = createLanes({ laneCount: 5, bits: width.bits });
  for (const lane of lanes.keys()) lanes[lane] = (words[lane]! % (2 * limit + 1)) - limit;
  return lanes as EncodedContribution;
}

/** What the lanes of these client numbers add up to modulo 2^bits, by plain addition. */
export function plainSum(fixture: Fixture, numbers: readonly number[], bits: number): number[] {
  const total = new Array<number>(fixture.laneCount).fill(0);
  for (const number of numbers) for (const [lane, word] of fixture.contribution(number, bits).entries()) total[lane]! += word;
  return total.map((sum) => ((sum % 2 ** bits) + 2 ** bits) % 2 ** bits);
}

/** S0: every client's advert and state, by number. */
export interface KeyingStage {
  readonly fixture: Fixture;
  readonly server: KeyingServer;
  readonly adverts: readonly Advert[];
  readonly states: readonly KeyingState[];
}

export function keyingStage(fixture: Fixture): KeyingStage {
  const { context, clients, rule } = fixture;
  const advertised = clients.map(({ id, identity }, number) =>
    advertise({ context, client: id, signingKey: identity.secretKey, seed: seedOf("advertise", number) }),
  );
  return {
    fixture,
    server: openSession({ ...rule, context, candidates: clients.map(({ id }) => id) }),
    adverts: advertised.map(({ advert }) => advert),
    states: advertised.map(({ state }) => state),
  };
}

/** S1, by cohort index from here on. */
export interface SharingStage {
  readonly fixture: Fixture;
  readonly server: SharingServer;
  /** The client numbers of the cohort, by index. */
  readonly numbers: readonly number[];
  readonly bundles: readonly ShareBundle[];
  readonly states: readonly SharingState[];
}

/** The clients with the given numbers advertise, in that order. */
export function sharingStage(stage: KeyingStage, numbers: readonly number[]): Result<SharingStage> {
  const server = deliver(stage.server, numbers, (state, number) => receiveAdvert(state, stage.adverts[number]!));
  const closed = closeAdverts(server);
  if (closed.kind === "refused") return closed;
  const sorted = numbers.toSorted((a, b) => a - b);
  const input = { ...stage.fixture.rule, adverts: advertsOf(closed.value), check: rememberingCohorts() };
  const shared = sorted.map((number) => value(shareKeys(stage.states[number]!, { ...input, seed: seedOf("share", number) })));
  return ok({
    fixture: stage.fixture,
    server: closed.value,
    numbers: sorted,
    bundles: shared.map(({ bundle }) => bundle),
    states: shared.map(({ state }) => state),
  });
}

/** What a client has after S2. */
export interface Submission {
  readonly masks: MaskStreams;
  readonly packed: Uint8Array;
  readonly header: MaskedHeader;
  readonly state: AttestingState;
}

/** S2. */
export interface CollectingStage {
  readonly fixture: Fixture;
  readonly server: CollectingServer;
  readonly numbers: readonly number[];
  readonly bits: number;
  readonly submissions: ReadonlyMap<number, Submission>;
}

/** The clients with the given indices deal their shares, in that order. */
export function collectingStage(stage: SharingStage, indices: readonly number[]): Result<CollectingStage> {
  const closed = closeShares(deliver(stage.server, indices, (state, index) => receiveShares(state, index, stage.bundles[index]!)));
  if (closed.kind === "refused") return closed;
  const server = closed.value;
  const bits = laneBits({ cohortSize: stage.numbers.length, quantisationBits: stage.fixture.quantisationBits });
  const submissions = memberIndices(server.dealers).map((index) => {
    const prepared = value(prepareMasks(stage.states[index]!, maskRequestFor(server, index)));
    const encoded = stage.fixture.contribution(stage.numbers[index]!, bits);
    const packed = packLanes(maskInto(encoded, prepared.masks), bits);
    return [index, { masks: prepared.masks, packed, ...signHeader(prepared.state, sha256Digest(packed)) }] as const;
  });
  return ok({ fixture: stage.fixture, server, numbers: stage.numbers, bits, submissions: new Map(submissions) });
}

/** S3. */
export interface AttestingStage {
  readonly previous: CollectingStage;
  readonly server: AttestingServer;
  readonly accumulator: Accumulator;
  readonly attestations: ReadonlyMap<number, { readonly signature: Uint8Array; readonly state: RevealingState }>;
}

/** The contributions of the given indices arrive, in that order. */
export function attestingStage(stage: CollectingStage, indices: readonly number[]): Result<AttestingStage> {
  const accumulator = new Accumulator({ laneCount: stage.fixture.laneCount, bits: stage.bits });
  const server = deliver(stage.server, indices, (state, index) => {
    const { packed, header } = stage.submissions.get(index)!;
    accumulator.add(packed);
    return receiveHeader(state, index, header);
  });
  const closed = closeContributions(server);
  if (closed.kind === "refused") return closed;
  const attestations = memberIndices(closed.value.survivors).map(
    (index) => [index, value(attest(stage.submissions.get(index)!.state, attestRequestFor(closed.value, index)))] as const,
  );
  return ok({ previous: stage, server: closed.value, accumulator, attestations: new Map(attestations) });
}

/** S4. */
export interface UnmaskingStage {
  readonly previous: AttestingStage;
  readonly server: UnmaskingServer;
  readonly reveals: ReadonlyMap<number, Reveal>;
}

/** The survivors with the given indices attest, in that order. */
export function unmaskingStage(stage: AttestingStage, indices: readonly number[]): Result<UnmaskingStage> {
  const server = deliver(stage.server, indices, (state, index) =>
    receiveSignature(state, { index, signature: stage.attestations.get(index)!.signature }),
  );
  const closed = closeSignatures(server);
  if (closed.kind === "refused") return closed;
  const reveals = indices.map(
    (index) => [index, value(reveal(stage.attestations.get(index)!.state, revealRequestFor(closed.value, index))).reveal] as const,
  );
  return ok({ previous: stage, server: closed.value, reveals: new Map(reveals) });
}

/** The survivors with the given indices reveal, in that order. */
export function revealed(stage: UnmaskingStage, indices: readonly number[]): UnmaskingServer {
  return deliver(stage.server, indices, (state, index) => receiveReveal(state, index, stage.reveals.get(index)!));
}

/** The sum, once the given indices reveal. */
export function sumOf(stage: UnmaskingStage, indices: readonly number[]): Result<UnmaskedSum> {
  const masks = unmask(revealed(stage, indices));
  if (masks.kind === "refused") return masks;
  const { accumulator, previous } = stage.previous;
  return ok(removeMasksInto(accumulator.sum(), masks.value, previous.bits));
}

/** The value of an outcome that must not be a refusal. */
export function value<T>(outcome: Outcome<T>): T {
  if (outcome.kind === "ok") return outcome.value;
  throw new FlError("internal", `refused with ${outcome.refusal.code}: ${outcome.refusal.message}`);
}

/** The code of a refusal, or null when the outcome is none. */
export function codeOf(outcome: Outcome<unknown>): string | null {
  return outcome.kind === "refused" ? outcome.refusal.code : null;
}

type Deliver<State extends ServerState> = (state: State, sender: number) => Result<Received<State>>;

function deliver<State extends ServerState>(server: State, senders: readonly number[], receive: Deliver<State>): State {
  return senders.reduce((state, sender) => {
    const received = value(receive(state, sender));
    invariant(!received.repeated, "each sender sends once");
    return received.state;
  }, server);
}
