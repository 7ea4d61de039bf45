import { type ClientId, FlError, type Members, membersOf, type Outcome } from "@sotto/base";
import { enrolledKeys, type Roster } from "@sotto/identity";
import type { Plan, Position, UploadDeclaration } from "@sotto/protocol";
import {
  type Advert,
  type CollectingServer,
  closeAdverts,
  closeContributions,
  closeShares,
  closeSignatures,
  openSession,
  type Received,
  type Reveal,
  receiveAdvert,
  receiveHeader,
  receiveReveal,
  receiveShares,
  receiveSignature,
  rememberingVerifiers,
  type ServerState,
  type SessionContext,
  type SessionParameters,
  type ShareBundle,
  sessionParameters,
  type UnmaskingServer,
} from "@sotto/secagg";

/** A contribution as it came. */
export interface Upload {
  readonly declaration: UploadDeclaration;
  readonly bytes: Uint8Array;
}

/** Everything heard in one session, and whom the coordinator says it heard from. By client; the last message of a kind counts. */
export interface Session {
  readonly position: Position;
  readonly plan: Plan;
  readonly roster: Roster;
  readonly context: SessionContext;
  readonly adverts: Map<ClientId, Advert>;
  readonly bundles: Map<ClientId, ShareBundle>;
  readonly uploads: Map<ClientId, Upload>;
  readonly attestations: Map<ClientId, Uint8Array>;
  readonly reveals: Map<ClientId, Reveal>;
  /** U2 and U3 as they are told to who is not lied to; ascending. */
  dealers: readonly ClientId[];
  survivors: readonly ClientId[];
}

/** A session in which nothing was heard yet. */
export function newSession(at: Pick<Session, "position" | "plan" | "roster" | "context">): Session {
  const heard = { adverts: new Map(), bundles: new Map(), uploads: new Map(), attestations: new Map(), reveals: new Map() };
  return { ...at, ...heard, dealers: [], survivors: [] };
}

/** U1, ascending. */
export function cohortOf({ adverts }: Session): readonly ClientId[] {
  return [...adverts.keys()].sort();
}

/** The cohort's adverts in order. */
export function advertsOf(session: Session): readonly Advert[] {
  return cohortOf(session).map((client) => session.adverts.get(client)!);
}

/** The place of a client in the cohort. */
export function indexIn(session: Session, client: ClientId): number {
  const index = cohortOf(session).indexOf(client);
  if (index < 0) throw new FlError("internal", `${client} is not in the cohort of the script`);
  return index;
}

/** These clients as members of the cohort. */
export function membersIn(session: Session, clients: readonly ClientId[]): Members {
  return membersOf(
    session.adverts.size,
    clients.map((client) => indexIn(session, client)),
  );
}

/** The counts the session lives by. */
export function parametersOf({ adverts, plan }: Session): SessionParameters {
  return sessionParameters({ cohortSize: adverts.size, tolerance: plan.aggregation });
}

/** The session as the coordinator's side of the protocol has it after S1: of what was heard, all that an honest coordinator takes. */
export function collecting(session: Session): CollectingServer {
  const known = collected.get(session);
  if (known !== undefined && known.bundleCount === session.bundles.size) return known.server;
  const server = collect(session);
  collected.set(session, { server, bundleCount: session.bundles.size });
  return server;
}

/** Every client of a session is told of the same one. */
const collected = new WeakMap<Session, { readonly server: CollectingServer; readonly bundleCount: number }>();

/** Every session has the same clients. */
const verifierOf = rememberingVerifiers();

function collect(session: Session): CollectingServer {
  const { plan, context, roster, adverts, bundles } = session;
  const { cohortSizeMin, gamma, delta } = plan.aggregation;
  const rule = { enrolled: enrolledKeys(roster), tolerance: { gamma, delta }, cohortSizeMin, verifierOf };
  const opened = openSession({ context, candidates: cohortOf(session), ...rule });
  const keyed = must(closeAdverts(taken(opened, adverts.values(), receiveAdvert)));
  return must(closeShares(taken(keyed, bundles, (state, [dealer, bundle]) => receiveShares(state, indexIn(session, dealer), bundle))));
}

/** And after S4, of the survivors it was played with. @throws FlError when the session does not come to that */
export function unmasking(session: Session): UnmaskingServer {
  const index = (client: ClientId): number => indexIn(session, client);
  const { survivors, uploads, attestations, reveals } = session;
  const collected = taken(collecting(session), survivors, (state, client) =>
    receiveHeader(state, index(client), uploads.get(client)!.declaration.header),
  );
  const attested = taken(must(closeContributions(collected)), attestations, (state, [client, signature]) =>
    receiveSignature(state, { index: index(client), signature }),
  );
  return taken(must(closeSignatures(attested)), reveals, (state, [client, reveal]) => receiveReveal(state, index(client), reveal));
}

/** The state after every message that is not refused. */
function taken<S extends ServerState, M>(server: S, messages: Iterable<M>, receive: (state: S, message: M) => Outcome<Received<S>>): S {
  let state = server;
  for (const message of messages) {
    const received = receive(state, message);
    if (received.kind === "ok") state = received.value.state;
  }
  return state;
}

/** The value of an outcome that the script counts on. @throws FlError when it is refused */
export function must<T>(outcome: Outcome<T>): T {
  if (outcome.kind === "ok") return outcome.value;
  throw new FlError("failed-precondition", `${outcome.refusal.code}: ${outcome.refusal.message}`);
}
