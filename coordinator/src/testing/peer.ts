import { type ClientId, FlError, type Outcome, type Rng, utf8, wipeInto } from "@sotto/base";
import { seededRng, seedFrom, sha256, sha256Digest } from "@sotto/crypto";
import {
  type Cursor,
  contributionShapeOf,
  type Instruction,
  type LocalMetrics,
  type Plan,
  parsePlan,
  type Submission,
  scalarsOf,
  type UploadDeclaration,
} from "@sotto/protocol";
import {
  advertise,
  attest,
  type EnrolledKeys,
  maskInto,
  prepareMasks,
  type rememberingVerifiers,
  reveal,
  shareKeys,
  signHeader,
} from "@sotto/secagg";
import { clipUpdate, encodeContribution, laneBits, packLanes, type Update } from "@sotto/vector";
import { type Lie, type PeerSession, withLie } from "./lies.ts";

/** What a peer contributes to every round. */
export interface PeerContribution {
  readonly update: Update;
  readonly weight: number;
  readonly metrics: LocalMetrics;
}

/** A client for tests: real aggregation protocol, no training. */
export interface Peer {
  readonly client: ClientId;
  readonly cursor: Cursor | null;
  /** What the client says to an instruction; null when it has nothing to say. Takes the instruction up. */
  respond(instruction: Instruction): Reply | null;
  /** The client is killed and started anew: it forgets everything. */
  restart(): void;
}

/** What a peer sends. */
export type Reply =
  | { readonly kind: "submission"; readonly submission: Submission }
  | { readonly kind: "upload"; readonly declaration: UploadDeclaration; readonly bytes: Uint8Array };

/** What a peer is made of. */
export interface PeerOptions {
  readonly client: ClientId;
  /** Ed25519 seed of its identity. */
  readonly signingKey: Uint8Array;
  readonly enrolled: EnrolledKeys;
  /** Shared by the peers of a federation, which all check the same signatures. */
  readonly verifierOf: ReturnType<typeof rememberingVerifiers>;
  readonly contribution: PeerContribution;
  /** What it lies about; an honest client when null. */
  readonly lie: Lie | null;
}

/** What a client holds of a round: its plan, and after its advert a state of the aggregation protocol. */
interface Held {
  readonly plan: Plan | null;
  readonly session: PeerSession;
}

interface Turn {
  readonly reply: Reply;
  readonly held: Held;
}

type Order<Kind extends Instruction["kind"]> = Extract<Instruction, { kind: Kind }>;

const nothing: Held = { plan: null, session: null };

/** A client that answers every instruction as `packages/secagg` has it, but for its lie. */
export function createPeer(options: PeerOptions): Peer {
  const rng = seededRng(sha256(utf8(options.client)));
  let cursor: Cursor | null = null;
  let held = nothing;
  return {
    client: options.client,
    get cursor() {
      return cursor;
    },
    respond(instruction) {
      if (instruction.kind === "unchanged" || instruction.kind === "idle") return null;
      cursor = { ...instruction.position, kind: instruction.kind };
      if (instruction.kind === "stand-down") {
        held = nothing;
        return null;
      }
      const { lie } = options;
      const turn = turnOf({ ...options, rng }, lie === null ? held : { ...held, session: withLie(held.session, lie) }, instruction);
      held = turn.held;
      return turn.reply;
    },
    restart() {
      cursor = null;
      held = nothing;
    },
  };
}

function turnOf(
  own: PeerOptions & { readonly rng: Rng },
  held: Held,
  instruction: Exclude<Instruction, Order<"unchanged" | "idle" | "stand-down">>,
): Turn {
  const { position } = instruction;
  const said = (submission: Submission, session: Held["session"]): Turn => ({
    reply: { kind: "submission", submission },
    held: { plan: held.plan, session },
  });
  switch (instruction.kind) {
    case "train":
      return {
        reply: { kind: "submission", submission: { kind: "ready", position } },
        held: { plan: parsePlan(instruction.plan), session: null },
      };
    case "advertise": {
      const { context } = instruction;
      const { advert, state } = advertise({ context, client: own.client, signingKey: own.signingKey, seed: seedFrom(own.rng) });
      return said({ kind: "advert", position, advert }, state);
    }
    case "share-keys": {
      const { gamma, delta, cohortSizeMin } = planOf(held).aggregation;
      const rule = { enrolled: own.enrolled, verifierOf: own.verifierOf, tolerance: { gamma, delta }, cohortSizeMin };
      const { bundle, state } = must(
        shareKeys(sessionOf(held, "keying"), { adverts: instruction.adverts, ...rule, seed: seedFrom(own.rng) }),
      );
      return said({ kind: "shares", position, bundle }, state);
    }
    case "mask":
      return contribute(own, held, instruction);
    case "attest": {
      const { signature, state } = must(attest(sessionOf(held, "attesting"), instruction.request));
      return said({ kind: "attestation", position, signature }, state);
    }
    case "reveal": {
      const revealed = must(reveal(sessionOf(held, "revealing"), instruction.request));
      return said({ kind: "reveal", position, reveal: revealed.reveal }, null);
    }
  }
}

function contribute(own: PeerOptions & { readonly rng: Rng }, held: Held, { position, request }: Order<"mask">): Turn {
  const plan = planOf(held);
  const prepared = must(prepareMasks(sessionOf(held, "sharing"), request));
  const shape = contributionShapeOf(plan);
  const { update, weight, metrics } = own.contribution;
  const bits = laneBits({ cohortSize: prepared.cohortSize, quantisationBits: plan.contribution.quantisationBits });
  const encoded = encodeContribution({
    update: shape.parameterCount === 0 ? null : clipUpdate(update, plan.contribution.clipNorm),
    weight,
    scalars: scalarsOf(plan, metrics),
    rule: plan.contribution,
    shape,
    bits,
    rng: own.rng,
  });
  const bytes = packLanes(maskInto(encoded, prepared.masks), bits);
  wipeInto(...prepared.masks.map((stream) => stream.key));
  const { header, state } = signHeader(prepared.state, sha256Digest(bytes));
  return { reply: { kind: "upload", declaration: { position, header, sizeBytes: bytes.length }, bytes }, held: { plan, session: state } };
}

function planOf({ plan }: Held): Plan {
  if (plan === null) throw new FlError("failed-precondition", "the client holds no plan");
  return plan;
}

function sessionOf<Stage extends string>({ session }: Held, stage: Stage): Extract<Held["session"], { stage: Stage }> {
  if (!isAt(session, stage)) throw new FlError("failed-precondition", `the client is ${session?.stage ?? "in no session"}, not ${stage}`);
  return session;
}

function isAt<Stage extends string>(session: Held["session"], stage: Stage): session is Extract<Held["session"], { stage: Stage }> {
  return session?.stage === stage;
}

function must<T>(outcome: Outcome<T>): T {
  if (outcome.kind === "ok") return outcome.value;
  throw new FlError("failed-precondition", `${outcome.refusal.code}: ${outcome.refusal.message}`);
}
