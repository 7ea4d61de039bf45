import { assertNever, type ClientId, hasMember, type Outcome, parseRoundNumber, parseSessionNumber, type Refusal } from "@sotto/base";
import { sha256Digest } from "@sotto/crypto";
import { enrolledKeys } from "@sotto/identity";
import {
  type Answer,
  type Cursor,
  contributionShapeOf,
  encodePlan,
  type Instruction,
  isSamePosition,
  type Plan,
  type Position,
  planDigest,
  type RefusalCode,
  type Submission,
  type UploadDeclaration,
} from "@sotto/protocol";
import {
  Accumulator,
  advertsOf,
  attestRequestFor,
  canUnmask,
  closeAdverts,
  closeContributions,
  closeShares,
  closeSignatures,
  cohortOf,
  maskRequestFor,
  openSession,
  type Received,
  receiveAdvert,
  receiveHeader,
  receiveReveal,
  receiveShares,
  receiveSignature,
  removeMasksInto,
  revealRequestFor,
  type ServerState,
  type SessionContext,
  unmask,
} from "@sotto/secagg";
import { type DecodedSum, decodeSum, laneBits } from "@sotto/vector";
import type { TestFederation } from "./federation.ts";

/** What the peer runs: one task of a test federation. */
export interface PeerOptions {
  readonly federation: TestFederation;
  readonly plan: Plan;
  /** float32 little endian. */
  readonly model: Uint8Array;
}

/**
 * A coordinator of one round at a time, made of the server's side of the aggregation protocol and nothing else: what a client is tested
 * against. A stage ends when it is told to.
 */
export class Peer {
  readonly withdrawals: { readonly client: ClientId; readonly reason: string }[] = [];
  readonly #options: PeerOptions;
  readonly #planBytes: Uint8Array;
  #round = 1;
  #session = 0;
  #ready = new Set<ClientId>();
  #gone = new Set<ClientId>();
  #server: ServerState | null = null;
  #sum: Accumulator | null = null;
  #result: DecodedSum | null = null;
  #isOver = false;

  constructor(options: PeerOptions) {
    this.#options = options;
    this.#planBytes = encodePlan(options.plan);
  }

  get position(): Position {
    return { task: this.#options.plan.task, round: parseRoundNumber(this.#round), session: parseSessionNumber(this.#session) };
  }

  /** The survivors' sum, once it is opened. */
  get result(): DecodedSum | null {
    return this.#result;
  }

  /** Whether the round is opened or given up. */
  get isOver(): boolean {
    return this.#isOver;
  }

  get context(): SessionContext {
    const { federation, model } = this.#options;
    const { round, session } = this.position;
    const { digest: rosterDigest, federation: id } = federation.roster;
    return { federation: id, rosterDigest, planDigest: planDigest(this.#planBytes), modelDigest: sha256Digest(model), round, session };
  }

  /** What `client` is to do that is newer than its cursor; null for nothing. */
  instructionFor(client: ClientId, cursor: Cursor | null): Instruction | null {
    const instruction = this.instruct(client);
    if (!("position" in instruction) || cursor === null) return instruction;
    return isSamePosition(instruction.position, cursor) && instruction.kind === cursor.kind ? null : instruction;
  }

  /** What `client` is to do, whatever it did. */
  instruct(client: ClientId): Instruction {
    if (this.#isOver) return { kind: "idle", retryAfterMs: 1_000 };
    if (this.#gone.has(client)) return this.#standDown("left the round");
    if (this.#server === null) return this.#train();
    return this.#instructInSession(this.#server, client);
  }

  submit(client: ClientId, submission: Submission): Answer {
    if (!isSamePosition(submission.position, this.position)) return { kind: "stale", round: this.#round };
    if (submission.kind === "withdrawal") return this.#withdraw(client, submission.reason);
    if (this.#isOver) return { kind: "stale", round: this.#round };
    if (submission.kind === "ready") return this.#takeReady(client);
    if (this.#server === null) return refuse("wrong-phase");
    return this.#take(this.#server, client, submission);
  }

  upload(client: ClientId, declaration: UploadDeclaration, bytes: Uint8Array): Answer {
    const server = this.#server;
    if (!isSamePosition(declaration.position, this.position)) return { kind: "stale", round: this.#round };
    if (server?.stage !== "collecting") return refuse("wrong-phase");
    if (declaration.sizeBytes !== bytes.length) return refuse("incomplete-upload");
    if (sha256Digest(bytes) !== declaration.header.contributionDigest) return refuse("digest-mismatch");
    const answer = this.#settle(receiveHeader(server, cohortOf(server).indexOf(client), declaration.header));
    if (answer.kind === "accepted") this.#sumOf(cohortOf(server).length).add(bytes);
    return answer;
  }

  /** Ends the present stage with whoever answered; gives the round up when they are too few. */
  closeStage(): void {
    const server = this.#server;
    const next = server === null ? this.#open([...this.#ready].filter((client) => !this.#gone.has(client))) : close(server);
    if (next === "opened" && server?.stage === "unmasking") this.#result = this.#openSum(server);
    this.#isOver = next === "opened" || next === "given-up";
    if (typeof next !== "string") this.#server = next;
  }

  /** Another session of the same round, with whoever is ready. */
  nextSession(): void {
    this.#session++;
    this.#sum = null;
    this.#isOver = false;
    const next = this.#open([...this.#ready].filter((client) => !this.#gone.has(client)));
    if (typeof next === "string") this.#isOver = true;
    else this.#server = next;
  }

  /** The same round offered once more to everybody, as no honest coordinator does: from the start, in another session. */
  offerAgain(): void {
    const session = this.#session + 1;
    this.nextRound();
    this.#round--;
    this.#session = session;
  }

  /** Another round, with everybody. */
  nextRound(): void {
    this.#round++;
    this.#session = 0;
    this.#ready = new Set();
    this.#gone = new Set();
    this.#server = null;
    this.#sum = null;
    this.#result = null;
    this.#isOver = false;
  }

  #open(candidates: readonly ClientId[]): ServerState | "given-up" {
    const { federation, plan } = this.#options;
    const { cohortSizeMin } = plan.aggregation;
    if (candidates.length < cohortSizeMin) return "given-up";
    const enrolled = enrolledKeys(federation.roster);
    return openSession({ context: this.context, candidates, enrolled, tolerance: plan.aggregation, cohortSizeMin });
  }

  #train(): Instruction {
    const { federation, model } = this.#options;
    return {
      kind: "train",
      position: this.position,
      plan: this.#planBytes,
      modelDigest: sha256Digest(model),
      modelSizeBytes: model.length,
      rosterDigest: federation.roster.digest,
    };
  }

  #instructInSession(server: ServerState, client: ClientId): Instruction {
    const { position, context } = this;
    const index = cohortOf(server).indexOf(client);
    if (index < 0) return this.#standDown("not in the cohort");
    switch (server.stage) {
      case "keying":
        return { kind: "advertise", position, context };
      case "sharing":
        return { kind: "share-keys", position, adverts: advertsOf(server) };
      case "collecting":
        if (!hasMember(server.dealers, index)) return this.#standDown("dealt no shares");
        return { kind: "mask", position, request: maskRequestFor(server, index) };
      case "attesting":
        if (!hasMember(server.survivors, index)) return this.#standDown("sent no contribution");
        return { kind: "attest", position, request: attestRequestFor(server, index) };
      case "unmasking":
        if (!hasMember(server.survivors, index)) return this.#standDown("sent no contribution");
        return { kind: "reveal", position, request: revealRequestFor(server, index) };
      default:
        return assertNever(server);
    }
  }

  #standDown(reason: string): Instruction {
    return { kind: "stand-down", position: this.position, reason, retryAfterMs: 1_000 };
  }

  #withdraw(client: ClientId, reason: string): Answer {
    this.withdrawals.push({ client, reason });
    this.#gone.add(client);
    return { kind: "accepted" };
  }

  #takeReady(client: ClientId): Answer {
    if (this.#server !== null) return { kind: "duplicate" };
    const isRepeated = this.#ready.has(client);
    this.#ready.add(client);
    return { kind: isRepeated ? "duplicate" : "accepted" };
  }

  #take(server: ServerState, client: ClientId, submission: Submission): Answer {
    const index = cohortOf(server).indexOf(client);
    if (submission.kind === "advert" && server.stage === "keying") return this.#settle(receiveAdvert(server, submission.advert));
    if (submission.kind === "shares" && server.stage === "sharing") return this.#settle(receiveShares(server, index, submission.bundle));
    if (submission.kind === "attestation" && server.stage === "attesting") {
      return this.#settle(receiveSignature(server, { index, signature: submission.signature }));
    }
    if (submission.kind === "reveal" && server.stage === "unmasking") {
      // The client wipes what it sent.
      const shares = submission.reveal.shares.map((revealed) => ({ ...revealed, share: Uint8Array.from(revealed.share) }));
      return this.#settle(receiveReveal(server, index, { ...submission.reveal, shares }));
    }
    return refuse("wrong-phase");
  }

  #settle<S extends ServerState>(outcome: Outcome<Received<S>, Refusal<RefusalCode>>): Answer {
    if (outcome.kind === "refused") return { kind: "refused", ...outcome.refusal };
    this.#server = outcome.value.state;
    return { kind: outcome.value.repeated ? "duplicate" : "accepted" };
  }

  #openSum(server: Extract<ServerState, { stage: "unmasking" }>): DecodedSum | null {
    const { plan } = this.#options;
    const masks = unmask(server);
    if (masks.kind === "refused") return null;
    const bits = this.#bits(cohortOf(server).length);
    const added = this.#sumOf(cohortOf(server).length);
    const sum = removeMasksInto(added.sum(), masks.value, bits);
    const survivors = added.count;
    const decoded = decodeSum({ sum, rule: plan.contribution, shape: contributionShapeOf(plan), bits, survivors });
    return decoded.kind === "ok" ? decoded.value : null;
  }

  #bits(cohortSize: number): number {
    return laneBits({ cohortSize, quantisationBits: this.#options.plan.contribution.quantisationBits });
  }

  #sumOf(cohortSize: number): Accumulator {
    const { laneCount } = contributionShapeOf(this.#options.plan);
    this.#sum ??= new Accumulator({ laneCount, bits: this.#bits(cohortSize) });
    return this.#sum;
  }
}

/** The next stage; `opened` after the last. */
function close(server: ServerState): ServerState | "opened" | "given-up" {
  switch (server.stage) {
    case "keying":
      return valueOr(closeAdverts(server));
    case "sharing":
      return valueOr(closeShares(server));
    case "collecting":
      return valueOr(closeContributions(server));
    case "attesting":
      return valueOr(closeSignatures(server));
    case "unmasking":
      return canUnmask(server) ? "opened" : "given-up";
    default:
      return assertNever(server);
  }
}

function valueOr<S extends ServerState>(outcome: Outcome<S>): S | "given-up" {
  return outcome.kind === "ok" ? outcome.value : "given-up";
}

function refuse(code: RefusalCode): Answer {
  return { kind: "refused", code, message: `refused as ${code}` };
}
