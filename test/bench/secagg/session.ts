import {
  type ClientId,
  digestFromBytes,
  FlError,
  type Outcome,
  parseClientId,
  parseFederationId,
  parseRoundNumber,
  parseSessionNumber,
  utf8,
} from "@sotto/base";
import { ed25519KeyPair, type Seed, sha256, sha256Digest, toSeed } from "@sotto/crypto";
import {
  Accumulator,
  type Advert,
  type AttestingState,
  advertise,
  advertsOf,
  attest,
  attestRequestFor,
  type CohortRule,
  type CollectingServer,
  closeAdverts,
  closeContributions,
  closeShares,
  closeSignatures,
  type KeyingState,
  maskInto,
  maskRequestFor,
  openSession,
  prepareMasks,
  type RevealingState,
  receiveAdvert,
  receiveHeader,
  receiveReveal,
  receiveShares,
  receiveSignature,
  rememberingCohorts,
  rememberingVerifiers,
  reveal,
  revealRequestFor,
  type SessionContext,
  type SharingServer,
  type SharingState,
  shareKeys,
  signHeader,
  type Tolerance,
  type UnmaskingServer,
} from "@sotto/secagg";
import { createLanes, type EncodedContribution, laneBits, packLanes } from "@sotto/vector";

/** A session to be run in this process, all clients honest, some of them lost. */
export interface SessionPlan {
  readonly clientCount: number;
  readonly tolerance: Tolerance;
  readonly laneCount: number;
  readonly quantisationBits: number;
  /** How many clients are lost before they deal, submit, attest and reveal. */
  readonly lost: { readonly sharing: number; readonly submitting: number; readonly attesting: number; readonly revealing: number };
}

/** The session as the coordinator has it when it may open the sum. */
export interface ReadySession {
  readonly server: UnmaskingServer;
  readonly accumulator: Accumulator;
  readonly bits: number;
  /** What the survivors' lanes add up to modulo 2^bits, by plain addition. */
  readonly expected: Uint32Array;
}

/** A session whose clients have advertised: one of them can be taken out and measured. */
export interface StartedSession {
  readonly plan: SessionPlan;
  readonly rule: CohortRule;
  readonly server: SharingServer;
  readonly adverts: readonly Advert[];
  readonly states: readonly KeyingState[];
  readonly bits: number;
}

const context: SessionContext = {
  federation: parseFederationId("bench"),
  rosterDigest: digestFromBytes(new Uint8Array(32).fill(1)),
  planDigest: digestFromBytes(new Uint8Array(32).fill(2)),
  modelDigest: digestFromBytes(new Uint8Array(32).fill(3)),
  round: parseRoundNumber(1),
  session: parseSessionNumber(0),
};

/** 32 bytes that only this purpose and number give. */
export function seedOf(purpose: string, number: number): Seed {
  return toSeed(sha256(utf8(`${purpose} ${number}`)));
}

/** What begins the session of client `number`. */
export function advertisement(number: number): Parameters<typeof advertise>[0] {
  return { context, client: idOf(number), signingKey: identityOf(number).secretKey, seed: seedOf("advertise", number) };
}

/** S0: everybody advertises. */
export function startSession(plan: SessionPlan): StartedSession {
  const numbers = Array.from({ length: plan.clientCount }, (_, number) => number);
  const keys = new Map(numbers.map((number) => [idOf(number), identityOf(number).publicKey]));
  const rule: CohortRule = {
    tolerance: plan.tolerance,
    cohortSizeMin: 3,
    enrolled: { verificationKey: (client) => keys.get(client) ?? null },
    verifierOf: rememberingVerifiers(),
  };
  const advertised = numbers.map((number) => advertise(advertisement(number)));
  let server = openSession({ ...rule, context, candidates: numbers.map(idOf) });
  for (const { advert } of advertised) server = value(receiveAdvert(server, advert)).state;
  const bits = laneBits({ cohortSize: plan.clientCount, quantisationBits: plan.quantisationBits });
  const closed = value(closeAdverts(server));
  return { plan, rule, server: closed, adverts: advertsOf(closed), states: advertised.map(({ state }) => state), bits };
}

/** S1: whoever is not lost deals. */
export function dealAll(session: StartedSession): {
  readonly server: CollectingServer;
  readonly states: ReadonlyMap<number, SharingState>;
} {
  const { plan, rule, adverts } = session;
  const states = new Map<number, SharingState>();
  let { server } = session;
  const check = rememberingCohorts();
  for (const [index, keying] of session.states.entries()) {
    if (isLost(plan, "sharing", index)) continue;
    const shared = value(shareKeys(keying, { ...rule, adverts, check, seed: seedOf("share", index) }));
    states.set(index, shared.state);
    server = value(receiveShares(server, index, shared.bundle)).state;
  }
  return { server: value(closeShares(server)), states };
}

/** S1 to S4 of everybody. */
export function runSession(session: StartedSession): ReadySession {
  const { plan, bits } = session;
  const dealt = dealAll(session);
  const accumulator = new Accumulator({ laneCount: plan.laneCount, bits });
  const expected = new Uint32Array(plan.laneCount);
  const attesting = new Map<number, AttestingState>();
  let collecting = dealt.server;
  for (const [index, state] of dealt.states) {
    if (isLost(plan, "submitting", index)) continue;
    const prepared = value(prepareMasks(state, maskRequestFor(collecting, index)));
    const lanes = contribution(session, index);
    for (const [lane, word] of lanes.entries()) expected[lane]! += word;
    const packed = packLanes(maskInto(lanes, prepared.masks), bits);
    const signed = signHeader(prepared.state, sha256Digest(packed));
    accumulator.add(packed);
    collecting = value(receiveHeader(collecting, index, signed.header)).state;
    attesting.set(index, signed.state);
  }
  const low = bits === 32 ? 0xffff_ffff : 2 ** bits - 1;
  for (const lane of expected.keys()) expected[lane] = (expected[lane]! & low) >>> 0;
  return { server: revealAll(session, collecting, attesting), accumulator, bits, expected };
}

/** Lanes at plus or minus the limit of their quantisation, drawn by index: the widest that may come. */
export function contribution({ plan, bits }: Pick<StartedSession, "plan" | "bits">, index: number): EncodedContribution {
  const lanes = createLanes({ laneCount: plan.laneCount, bits });
  const limit = 2 ** (plan.quantisationBits - 1) - 1;
  for (let lane = 0; lane < lanes.length; lane++) lanes[lane] = ((lane * 31 + index * 17) % (2 * limit + 1)) - limit;
  return lanes as EncodedContribution;
}

/** The value of an outcome that must not be a refusal. */
export function value<T>(outcome: Outcome<T>): T {
  if (outcome.kind === "ok") return outcome.value;
  throw new FlError("internal", `refused with ${outcome.refusal.code}: ${outcome.refusal.message}`);
}

function revealAll(
  { plan }: StartedSession,
  collecting: CollectingServer,
  submitted: ReadonlyMap<number, AttestingState>,
): UnmaskingServer {
  let attesting = value(closeContributions(collecting));
  const revealing = new Map<number, RevealingState>();
  for (const [index, state] of submitted) {
    if (isLost(plan, "attesting", index)) continue;
    const { signature, state: next } = value(attest(state, attestRequestFor(attesting, index)));
    attesting = value(receiveSignature(attesting, { index, signature })).state;
    revealing.set(index, next);
  }
  let unmasking = value(closeSignatures(attesting));
  for (const [index, state] of revealing) {
    if (isLost(plan, "revealing", index)) continue;
    unmasking = value(receiveReveal(unmasking, index, value(reveal(state, revealRequestFor(unmasking, index))).reveal)).state;
  }
  return unmasking;
}

/** The lost are spread over the cohort by a stride that is prime to its size, stage after stage. */
function isLost({ clientCount, lost }: SessionPlan, stage: keyof SessionPlan["lost"], index: number): boolean {
  const stages = ["sharing", "submitting", "attesting", "revealing"] as const;
  const before = stages.slice(0, stages.indexOf(stage)).reduce((sum, earlier) => sum + lost[earlier], 0);
  const place = (index * strideOf(clientCount)) % clientCount;
  return place >= before && place < before + lost[stage];
}

function strideOf(clientCount: number): number {
  return [7, 11, 13].find((prime) => clientCount % prime !== 0)!;
}

function idOf(number: number): ClientId {
  return parseClientId(`client-${String(number).padStart(5, "0")}`);
}

function identityOf(number: number): ReturnType<typeof ed25519KeyPair> {
  return ed25519KeyPair(seedOf("identity", number));
}
