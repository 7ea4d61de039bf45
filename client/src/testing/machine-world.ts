import { type ClientId, FlError, type Instant, instant, utf8, wipeInto } from "@sotto/base";
import { type Seed, seededRng, seedFrom, sha256, sha256Digest, toSeed } from "@sotto/crypto";
import type { Instruction, Plan, Submission } from "@sotto/protocol";
import { toUpdate } from "@sotto/vector";
import { decodeMarks, encodeMarks, type MarksOwner } from "../effects/marks-file.ts";
import type { Policy } from "../guard/policy.ts";
import type { Effect } from "../round/effect.ts";
import type { Event } from "../round/event.ts";
import type { Step } from "../round/moves.ts";
import { initialState, isSameRemembered, type Remembered, rememberedOf, type State } from "../round/state.ts";
import { step } from "../round/step.ts";
import type { LocalContribution, PackedContribution } from "../update/prepare.ts";
import { type TestFederation, testFederation, testSelf, testStart } from "./federation.ts";
import { Peer } from "./peer.ts";
import { testPlan } from "./plan.ts";
import { prepared } from "./prepared.ts";

/** An effect that comes to a result. */
export type Pending = Extract<Effect, { kind: "fetch-roster" | "compute" | "submit" | "mask" | "upload" }>;

/** How a process ends for good: as its marks are about to be saved, or once they are and before anything else is done. */
export interface Death {
  readonly when: "before-save" | "after-save";
  /** Saves that go well before. */
  readonly savesBefore: number;
}

/** One client's machine with what its shell would hold. */
export interface Machine {
  readonly client: ClientId;
  state: State;
  /** The file of its marks: all that outlives a restart. */
  disk: Uint8Array | null;
  /** How the process is to end; null when it is not. */
  dying: Death | null;
  /** Begun and not done, oldest first. */
  pending: Pending[];
  contribution: LocalContribution | null;
  packed: PackedContribution | null;
}

/** One step that a machine took. */
export interface TakenStep {
  readonly client: ClientId;
  readonly before: State;
  readonly event: Event;
  readonly next: Step;
}

/** What a world is made of. */
export interface WorldOptions {
  readonly clients: number;
  readonly plan?: Partial<Plan>;
  readonly policy?: Partial<Policy>;
  readonly seed?: number;
  /** False keeps what steps consumed, so that old states can be stepped again. */
  readonly wipes?: boolean;
}

/**
 * Machines and a peer, every effect performed by hand: no time, no threads. Secrets are really wiped, so that a step that uses one too
 * long shows.
 */
export class MachineWorld {
  readonly federation: TestFederation;
  readonly peer: Peer;
  readonly plan: Plan;
  readonly machines: readonly Machine[];
  /** Every instruction that was ever given, for replays. */
  readonly given: Instruction[] = [];
  /** Every step that was taken to its end, by client. */
  readonly steps: TakenStep[] = [];
  /** Every file of marks that was saved, by client. */
  readonly saves: Pick<Machine, "client" | "disk">[] = [];
  readonly model: Uint8Array;
  now: Instant = instant(testStart);
  readonly #rng: ReturnType<typeof seededRng>;
  readonly #policy: Partial<Policy>;
  readonly #wipes: boolean;

  constructor({ clients, plan = {}, policy = {}, seed = 0, wipes = true }: WorldOptions) {
    this.#wipes = wipes;
    this.federation = testFederation(clients);
    this.plan = testPlan(plan);
    this.model = new Uint8Array(new Float32Array([0.5, -0.5, 1, 2]).buffer);
    this.peer = new Peer({ federation: this.federation, plan: this.plan, model: this.model });
    this.#policy = policy;
    this.#rng = seededRng(sha256(utf8(`world ${seed}`)));
    this.machines = this.federation.clients.map((client) => ({
      client,
      state: this.#newState(client, null),
      disk: null,
      dying: null,
      pending: [],
      contribution: null,
      packed: null,
    }));
  }

  seed(): Seed {
    return seedFrom(this.#rng);
  }

  /** Steps one machine, saves what is to be remembered, and takes up what comes of it. */
  step(machine: Machine, event: Event): Step {
    const before = machine.state;
    const next = step(before, event);
    if (!isSameRemembered(rememberedOf(before), rememberedOf(next.state)) && !this.#save(machine, rememberedOf(next.state))) return next;
    machine.state = next.state;
    for (const effect of next.effects) this.#begin(machine, effect);
    if (this.#wipes) wipeInto(...next.consumed);
    this.steps.push({ client: machine.client, before, event, next });
    return next;
  }

  /** What the peer has for a machine, or what it is given instead. */
  instruct(machine: Machine, instruction?: Instruction): Step {
    const { cursor } = machine.state.memory;
    const given = instruction ?? this.peer.instructionFor(machine.client, cursor) ?? { kind: "unchanged" };
    this.given.push(given);
    return this.step(machine, { ...given, at: this.now, seed: this.seed() });
  }

  /** Performs the oldest pending effect, or the one at `index`; false when there is none. */
  perform(machine: Machine, index = 0): boolean {
    const [effect] = machine.pending.splice(index, 1);
    if (effect === undefined) return false;
    this.step(machine, this.#result(machine, effect));
    return true;
  }

  /** The oldest pending effect comes to nothing; false when there is none. */
  lose(machine: Machine): boolean {
    const effect = machine.pending.shift();
    if (effect === undefined) return false;
    const { now: at } = this;
    if (effect.kind === "submit")
      this.step(machine, { kind: "undelivered", about: effect.submission.kind, position: effect.submission.position, at });
    else if (effect.kind === "upload")
      this.step(machine, { kind: "undelivered", about: "upload", position: effect.declaration.position, at });
    else this.step(machine, { kind: "failed", during: errandOf(effect), code: "internal", position: effect.position, at });
    return true;
  }

  /** The process dies and starts again: nothing is left but the file of its marks. */
  restart(machine: Machine): void {
    machine.state = this.#newState(machine.client, machine.disk);
    machine.dying = null;
    machine.pending = [];
    machine.contribution = null;
    machine.packed = null;
  }

  /** Instructs and performs until nothing changes. */
  settle(machines: readonly Machine[] = this.machines): void {
    let isMoving = true;
    while (isMoving) {
      isMoving = false;
      for (const machine of machines) {
        while (this.perform(machine)) isMoving = true;
        const before = machine.state.memory.cursor;
        if (this.peer.instructionFor(machine.client, before) !== null && !this.peer.isOver) {
          this.instruct(machine);
          isMoving ||= machine.state.memory.cursor !== before;
        }
      }
    }
  }

  /** Ends stages until the round is over, everybody answering. */
  finish(): void {
    for (let stage = 0; stage < 8 && !this.peer.isOver; stage++) {
      this.settle();
      this.peer.closeStage();
    }
  }

  /** What client number `index` computes: a small update that tells clients apart. */
  contributionOf(index: number): LocalContribution {
    const metrics = { rows: 10, lossSum: 5, correct: 8, positives: [], negatives: [] };
    return { update: toUpdate(new Float32Array(4).fill((index + 1) / 100)), weight: 100, metrics };
  }

  /** What the file of a client's marks says; null when there is none. */
  remembered({ client, disk }: Pick<Machine, "client" | "disk">): Remembered | null {
    return disk === null ? null : decodeMarks(disk, this.#owner(client), "marks");
  }

  /** False when the process ends at it. */
  #save(machine: Machine, remembered: Remembered): boolean {
    const { dying } = machine;
    const isLast = dying?.savesBefore === 0;
    if (!isLast || dying.when === "after-save") {
      machine.disk = encodeMarks(this.#owner(machine.client), remembered);
      this.saves.push({ client: machine.client, disk: machine.disk });
    }
    machine.dying = dying === null ? null : { ...dying, savesBefore: dying.savesBefore - 1 };
    if (isLast) this.restart(machine);
    return !isLast;
  }

  #owner(client: ClientId): MarksOwner {
    return { client, authority: sha256Digest(this.federation.authorityPublicKey) };
  }

  #newState(client: ClientId, disk: Uint8Array | null): State {
    return initialState(testSelf(this.federation, client, this.#policy), this.remembered({ client, disk }), this.now);
  }

  #begin(machine: Machine, effect: Effect): void {
    switch (effect.kind) {
      case "drop":
        if (effect.what === "round") machine.pending = [];
        if (effect.what === "round") machine.contribution = null;
        machine.packed = null;
        return;
      case "poll":
      case "wake":
      case "notice":
        return;
      default:
        machine.pending.push(effect);
    }
  }

  #result(machine: Machine, effect: Pending): Event {
    const { now: at } = this;
    switch (effect.kind) {
      case "fetch-roster":
        return { kind: "roster", position: effect.position, bytes: this.federation.rosterBytes, at };
      case "compute":
        machine.contribution = this.contributionOf(this.machines.indexOf(machine));
        return { kind: "computed", position: effect.position, at };
      case "mask":
        return this.#mask(machine, effect);
      case "submit":
        return this.#answered(effect.submission, this.peer.submit(machine.client, effect.submission));
      case "upload": {
        const answer = this.peer.upload(machine.client, effect.declaration, bytesOf(machine));
        return { kind: "answered", about: "upload", position: effect.declaration.position, answer: settled(answer), at };
      }
    }
  }

  #mask(machine: Machine, { position, plan, cohortSize, masks, seed }: Extract<Pending, { kind: "mask" }>): Event {
    const { contribution } = machine;
    if (contribution === null) throw new FlError("internal", "a machine masked what it does not hold");
    machine.contribution = null;
    const { packed, digest } = prepared(contribution, { plan, cohortSize }, { masks, rng: seededRng(toSeed(seed)) });
    machine.packed = packed;
    if (this.#wipes) wipeInto(seed, ...masks.map(({ key }) => key));
    return { kind: "masked", position, contributionDigest: digest, sizeBytes: packed.length, at: this.now };
  }

  #answered(submission: Submission, answer: ReturnType<Peer["submit"]>): Event {
    return { kind: "answered", about: submission.kind, position: submission.position, answer: settled(answer), at: this.now };
  }
}

function errandOf(effect: Extract<Pending, { kind: "fetch-roster" | "compute" | "mask" }>): "roster" | "compute" | "mask" {
  return effect.kind === "fetch-roster" ? "roster" : effect.kind;
}

function settled(answer: ReturnType<Peer["submit"]>): Extract<Event, { kind: "answered" }>["answer"] {
  if (answer.kind === "not-now") throw new FlError("internal", "the peer is never busy");
  return answer;
}

function bytesOf({ packed }: Machine): Uint8Array {
  if (packed === null) throw new FlError("internal", "a machine uploads what it does not hold");
  return packed;
}
