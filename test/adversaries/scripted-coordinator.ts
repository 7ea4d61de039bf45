import { type ClientId, concatBytes, FlError, parseRoundNumber, parseSessionNumber, type VirtualClock } from "@sotto/base";
import { sha256Digest } from "@sotto/crypto";
import {
  type Answer,
  type CoordinatorFace,
  encodePlan,
  type Instruction,
  isSamePosition,
  type Plan,
  type Position,
  planDigest,
  type Submission,
} from "@sotto/protocol";
import { plan as honestPlan, honestRoster, modelBytes, type SignedRoster } from "./hospitals.ts";
import { createMailbox, type Mailbox } from "./mailbox.ts";
import { beginning, type Order, relayed, type Stage, stages } from "./relayed.ts";
import { newSession, type Session, type Upload } from "./session.ts";

/** What a client sent, as the wire decoded it: no bytes of its own, which it wipes. */
export type Message = Submission | ({ readonly kind: "upload"; readonly position: Position } & Upload);

/** Where a script lies. What it leaves alone is honest. */
export interface Lies {
  /** What `to` is told instead of an honest instruction: others, in order, or none. */
  readonly tell?: Tell;
  readonly roster?: (honest: Uint8Array, to: ClientId) => Uint8Array;
  readonly model?: (honest: Uint8Array, to: ClientId) => Uint8Array;
  /** Whom the coordinator says it heard from at S1 and S2, of those it heard from. */
  readonly dealers?: (heard: readonly ClientId[]) => readonly ClientId[];
  readonly survivors?: (heard: readonly ClientId[]) => readonly ClientId[];
}

/** One lie, or several. */
export type Tell = (honest: Order, to: ClientId, session: Session) => readonly Instruction[];

/** What is played of a session. */
export interface Script {
  readonly round?: number;
  readonly session?: number;
  readonly lies?: Lies;
  /** The first and the last stage that are played. */
  readonly from?: Stage;
  readonly through?: Stage;
}

/** Virtual time a client gets for an answer: more than all its retries of a call take. */
const patienceMs = 150_000;
/** Passed at a time, so that its pauses and retries go on. */
const stepMs = 1_000;
/** And for what it says after it answered. */
const silenceMs = 3_000;

/**
 * A coordinator that obeys a script: it plays a session stage by stage, tells each client what the script says, and keeps everything it hears. It checks
 * nothing and takes every message, so that only the clients' own checks stand between it and what it wants.
 */
export class ScriptedCoordinator {
  /** What it offers and passes on, unless the script lies. */
  roster: SignedRoster = honestRoster;
  plan: Plan = honestPlan;
  readonly #clock: VirtualClock;
  readonly #clients = new Map<ClientId, ClientFile>();
  readonly #sessions: Session[] = [];
  #lies: Lies = {};

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  /** Every session played so far, in order. */
  get sessions(): readonly Session[] {
    return this.#sessions;
  }

  /** What the client sent, in order. */
  heardFrom(client: ClientId): readonly Message[] {
    return this.#file(client).heard;
  }

  /** What it sent since it was first lied to. */
  heardSinceLie(client: ClientId): readonly Message[] {
    const { heard, heardBeforeLie } = this.#file(client);
    if (heardBeforeLie === null) throw new FlError("internal", `the script never lied to ${client}`);
    return heard.slice(heardBeforeLie);
  }

  /** Plays the stages of a session, each until everybody who was told something answered or stays silent. */
  async play(script: Script): Promise<Session> {
    const session = this.#begin(script);
    this.#lies = script.lies ?? {};
    const [first, last] = [stages.indexOf(script.from ?? "train"), stages.indexOf(script.through ?? "reveal")];
    for (const stage of stages.slice(first, last + 1)) await this.#playStage(stage, session);
    return session;
  }

  /** Tells a client something, whatever the script says, and waits for what it makes of it. */
  async tell(client: ClientId, instruction: Instruction): Promise<void> {
    await this.#tellAll(new Map([[client, [instruction]]]));
  }

  /** The honest offer or opening of a session that is not played. */
  beginning(kind: "train" | "advertise", round: number, session: number): Instruction {
    return beginning(kind, this.#honestSession(positionOf(round, session)));
  }

  face(client: ClientId): CoordinatorFace {
    const file = this.#file(client);
    return {
      next: (_, signal) => file.mailbox.take(signal),
      submit: async (submission) => this.#hear(client, submission),
      upload: async (declaration, chunks) => {
        const parts: Uint8Array[] = [];
        for await (const chunk of chunks) parts.push(chunk);
        return this.#hear(client, { kind: "upload", position: declaration.position, declaration, bytes: concatBytes(...parts) });
      },
      downloadModel: async (digest) => {
        const bytes = this.#lied(client, modelBytes, this.#lies.model);
        return { digest, sizeBytes: bytes.length, chunks: piecesOf(bytes) };
      },
      roster: async () => this.#lied(client, this.roster.bytes, this.#lies.roster),
    };
  }

  #begin({ round = 1, session = 0, from = "train" }: Script): Session {
    const position = positionOf(round, session);
    const known = this.#sessions.find((played) => isSamePosition(played.position, position));
    if (known !== undefined && from !== "train") return known;
    const begun = this.#honestSession(position);
    this.#sessions.push(begun);
    return begun;
  }

  async #playStage(stage: Stage, session: Session): Promise<void> {
    const { dealers = everybody, survivors = everybody, tell = honestly } = this.#lies;
    if (stage === "mask") session.dealers = dealers([...session.bundles.keys()].sort());
    if (stage === "attest") session.survivors = survivors([...session.uploads.keys()].sort());
    const told = new Map<ClientId, readonly Instruction[]>();
    for (const client of this.#askedAt(stage, session)) {
      const honest = relayed(stage, session, client);
      const instructions = tell(honest, client, session);
      if (instructions.length !== 1 || instructions[0] !== honest) this.#markLie(client);
      told.set(client, instructions);
    }
    await this.#tellAll(told);
  }

  /** Who is there, did not leave, and answered the stage before. */
  #askedAt(stage: Stage, session: Session): readonly ClientId[] {
    const { adverts, attestations } = session;
    const answered: Readonly<Record<Stage, Iterable<ClientId>>> = {
      train: this.#clients.keys(),
      advertise: this.#saying("ready", session),
      "share-keys": adverts.keys(),
      mask: session.dealers,
      attest: session.survivors,
      reveal: attestations.keys(),
    };
    const left = new Set(this.#saying("withdrawal", session));
    return [...answered[stage]].filter((client) => this.#clients.has(client) && !left.has(client)).sort();
  }

  /** Who sent this kind of message in the round of the session. */
  #saying(kind: Message["kind"], { position }: Session): readonly ClientId[] {
    const isHere = (message: Message): boolean => message.kind === kind && message.position.round === position.round;
    return [...this.#clients].filter(([, { heard }]) => heard.some(isHere)).map(([client]) => client);
  }

  #honestSession(position: Position): Session {
    const { plan } = this;
    const { roster } = this.roster;
    const { round, session } = position;
    const context = {
      federation: roster.federation,
      rosterDigest: roster.digest,
      planDigest: planDigest(encodePlan(plan)),
      modelDigest: sha256Digest(modelBytes),
      round,
      session,
    };
    return newSession({ position, plan, roster, context });
  }

  async #tellAll(told: ReadonlyMap<ClientId, readonly Instruction[]>): Promise<void> {
    const before = new Map<ClientId, number>();
    for (const [client, instructions] of told) {
      const { heard, mailbox } = this.#file(client);
      if (instructions.length > 0) before.set(client, heard.length);
      for (const instruction of instructions) mailbox.put(instruction);
    }
    const isAnswered = (): boolean => [...before].every(([client, count]) => this.#file(client).heard.length > count);
    await this.#clock.settle();
    for (let waitedMs = 0; waitedMs < patienceMs && !isAnswered(); waitedMs += stepMs) await this.#clock.runFor(stepMs);
    await this.#clock.runFor(silenceMs);
  }

  #hear(client: ClientId, message: Message): Answer {
    this.#file(client).heard.push(message);
    const session = this.#sessions.find(({ position }) => isSamePosition(position, message.position));
    if (session !== undefined) keepInto(session, client, message);
    return { kind: "accepted" };
  }

  #lied<T>(client: ClientId, honest: T, lie: ((honest: T, to: ClientId) => T) | undefined): T {
    const told = lie === undefined ? honest : lie(honest, client);
    if (told !== honest) this.#markLie(client);
    return told;
  }

  #markLie(client: ClientId): void {
    const file = this.#file(client);
    file.heardBeforeLie ??= file.heard.length;
  }

  #file(client: ClientId): ClientFile {
    const file = this.#clients.get(client) ?? { mailbox: createMailbox(), heard: [], heardBeforeLie: null };
    this.#clients.set(client, file);
    return file;
  }
}

function positionOf(round: number, session: number): Position {
  return { task: honestPlan.task, round: parseRoundNumber(round), session: parseSessionNumber(session) };
}

/** What the coordinator has of one client. */
interface ClientFile {
  readonly mailbox: Mailbox<Instruction>;
  readonly heard: Message[];
  /** How much was heard when it was first lied to. */
  heardBeforeLie: number | null;
}

const everybody = (heard: readonly ClientId[]): readonly ClientId[] => heard;
const honestly: Tell = (honest) => [honest];

/** The last message of a kind counts. */
function keepInto(session: Session, client: ClientId, message: Message): void {
  switch (message.kind) {
    case "advert":
      session.adverts.set(client, message.advert);
      return;
    case "shares":
      session.bundles.set(client, message.bundle);
      return;
    case "upload":
      session.uploads.set(client, message);
      return;
    case "attestation":
      session.attestations.set(client, message.signature);
      return;
    case "reveal":
      session.reveals.set(client, message.reveal);
      return;
    default:
      return;
  }
}

async function* piecesOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes.subarray(0, 5);
  yield bytes.subarray(5);
}
