import { type ClientId, type Digest, FlError, invariant, type Outcome, utf8 } from "@sotto/base";
import { ed25519KeyPair, type Seed, sha256, sha256Digest, toSeed, transcript, u32Bytes } from "@sotto/crypto";
import {
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
  type Evidence,
  evidenceInAdvert,
  evidenceInHeader,
  evidenceInReveal,
  evidenceInSecrets,
  evidenceInShares,
  type KeyingServer,
  type KeyingState,
  type KeysShared,
  maskRequestFor,
  openSession,
  prepareMasks,
  type Received,
  type Reveal,
  type RevealingState,
  receiveAdvert,
  receiveHeader,
  receiveReveal,
  receiveShares,
  receiveSignature,
  reveal,
  revealRequestFor,
  type ServerState,
  type SessionContext,
  type SharingServer,
  type SharingState,
  type SubmittingState,
  shareKeys,
  signHeader,
  type UnmaskingServer,
} from "@sotto/secagg";

// Sessions of the aggregation protocol in which one client lies, run to the message that convicts it.

/** Who is in the session. */
export interface LyingSession {
  readonly context: SessionContext;
  /** Ascending by id, with their identity keys. The last one lies. At least three, and four for `another-key`. */
  readonly clients: readonly { readonly id: ClientId; readonly secretKey: Uint8Array }[];
}

/** A lie that convicts. */
export type Lie = "two-adverts" | "two-bundles" | "two-headers" | "two-reveals" | "false-seed" | "false-share" | "another-key";

/** The evidence of each lie, as a coordinator that plays its part finds it. */
export const evidenceOf: { readonly [Name in Lie]: (session: LyingSession) => Evidence } = {
  "two-adverts": (session) => {
    const { server, liar } = keying(session);
    const { id, secretKey } = session.clients[liar]!;
    const input = { context: session.context, client: id, signingKey: secretKey, seed: seedOf("another advert", liar) };
    return proven(evidenceInAdvert(server, advertise(input).advert));
  },
  "two-bundles": (session) => {
    const { server, liar, keyed } = sharing(keying(session));
    return proven(evidenceInShares(server, liar, deal(keyed, liar, "another bundle").bundle));
  },
  "two-headers": (session) => {
    const { server, liar, states } = collecting(sharing(keying(session)));
    return proven(evidenceInHeader(server, liar, signHeader(states[liar]!, digestOf("another contribution")).header));
  },
  "two-reveals": (session) => {
    const { server, liar, states } = unmasking(collecting(sharing(keying(session))));
    const told = value(receiveReveal(server, liar, revealOf(server, liar, states[liar]!))).state;
    return proven(evidenceInReveal(told, liar, revealOf(server, liar, withFalseShare(states[liar]!))));
  },
  "false-seed": (session) => {
    const { server, liar, states } = unmasking(collecting(sharing(keying(session))));
    const { seat, ...rest } = states[liar]!;
    const lying = { ...rest, seat: { ...seat, selfSeed: seedOf("another seed", liar) } };
    return proven(evidenceInReveal(server, liar, revealOf(server, liar, lying)));
  },
  "false-share": (session) => {
    const { server, liar, states } = unmasking(collecting(sharing(keying(session))));
    return proven(evidenceInReveal(server, liar, revealOf(server, liar, withFalseShare(states[liar]!))));
  },
  "another-key": (session) => {
    const keyed = keying(session);
    const { liar } = keyed;
    const { maskPair, ...state } = keyed.states[liar]!;
    const dealing = { ...state, maskPair: { ...maskPair, secretKey: seedOf("another key", liar) } };
    const shared = sharing({ ...keyed, states: keyed.states.with(liar, dealing) });
    // The liar is gone after it dealt, so that the others reveal their shares of its mask key.
    const { server, states } = unmasking(collecting(shared, liar));
    return proven(evidenceInSecrets(deliver(server, states.length, (told, i) => receiveReveal(told, i, revealOf(told, i, states[i]!)))));
  },
};

/** A stage: the coordinator after everybody's messages, and the clients by index. */
interface Stage<Server, State> {
  readonly server: Server;
  readonly states: readonly State[];
  readonly liar: number;
}

interface Keyed extends Stage<KeyingServer, KeyingState> {
  readonly rule: CohortRule;
}

interface Shared extends Stage<SharingServer, SharingState> {
  readonly keyed: Keyed;
}

function keying({ context, clients }: LyingSession): Keyed {
  const keys = new Map(clients.map(({ id, secretKey }) => [id, ed25519KeyPair(secretKey).publicKey]));
  const enrolled = { verificationKey: (client: ClientId) => keys.get(client) ?? null };
  const rule: CohortRule = { tolerance: { gamma: 0, delta: 0.25 }, cohortSizeMin: 3, enrolled };
  const advertised = clients.map(({ id, secretKey }, index) =>
    advertise({ context, client: id, signingKey: secretKey, seed: seedOf("advert", index) }),
  );
  const opened = openSession({ ...rule, context, candidates: clients.map(({ id }) => id) });
  const server = deliver(opened, clients.length, (told, index) => receiveAdvert(told, advertised[index]!.advert));
  return { server, states: advertised.map(({ state }) => state), liar: clients.length - 1, rule };
}

function deal({ server, states, rule }: Keyed, index: number, purpose: string): KeysShared {
  const adverts = advertsOf(value(closeAdverts(server)));
  return value(shareKeys(states[index]!, { ...rule, adverts, seed: seedOf(purpose, index) }));
}

function sharing(keyed: Keyed): Shared {
  const dealt = keyed.states.map((_, index) => deal(keyed, index, "bundle"));
  const closed = value(closeAdverts(keyed.server));
  const server = deliver(closed, dealt.length, (told, index) => receiveShares(told, index, dealt[index]!.bundle));
  return { server, states: dealt.map(({ state }) => state), liar: keyed.liar, keyed };
}

/** The first `survivors` of the clients send a contribution. */
function collecting(shared: Shared, survivors: number = shared.states.length): Stage<CollectingServer, SubmittingState> {
  const closed = value(closeShares(shared.server));
  const states = shared.states.slice(0, survivors).map((state, index) => value(prepareMasks(state, maskRequestFor(closed, index))).state);
  const server = deliver(closed, survivors, (told, index) => receiveHeader(told, index, signHeader(states[index]!, contribution).header));
  return { server, states, liar: shared.liar };
}

function unmasking({ server, states, liar }: Stage<CollectingServer, SubmittingState>): Stage<UnmaskingServer, RevealingState> {
  const closed = value(closeContributions(server));
  const attested = states.map((state, index) => value(attest(signHeader(state, contribution).state, attestRequestFor(closed, index))));
  const signed = deliver(closed, attested.length, (told, index) =>
    receiveSignature(told, { index, signature: attested[index]!.signature }),
  );
  return { server: value(closeSignatures(signed)), states: attested.map(({ state }) => state), liar };
}

function revealOf(server: UnmaskingServer, index: number, state: RevealingState): Reveal {
  return value(reveal(state, revealRequestFor(server, index))).reveal;
}

/** The client with other shares of the first dealer than it holds. */
function withFalseShare(state: RevealingState): RevealingState {
  const [first, ...others] = state.held;
  invariant(first !== undefined, "the liar holds shares");
  const shares = { self: seedOf("false self share", first.dealer), mask: seedOf("false mask share", first.dealer) };
  return { ...state, held: [{ ...first, shares }, ...others] };
}

/** The clients 0 to `count` - 1 send, in that order. */
function deliver<State extends ServerState>(
  server: State,
  count: number,
  receive: (told: State, index: number) => Outcome<Received<State>>,
): State {
  return Array.from({ length: count }).reduce<State>((told, _, index) => value(receive(told, index)).state, server);
}

function digestOf(text: string): Digest {
  return sha256Digest(utf8(text));
}

const contribution = digestOf("contribution");

function seedOf(purpose: string, index: number): Seed {
  return toSeed(sha256(transcript(purpose, u32Bytes(index))));
}

function value<T>(outcome: Outcome<T>): T {
  if (outcome.kind === "ok") return outcome.value;
  throw new FlError("internal", `refused with ${outcome.refusal.code}: ${outcome.refusal.message}`);
}

function proven(evidence: Evidence | null): Evidence {
  invariant(evidence !== null, "the lie convicts");
  return evidence;
}
