import {
  assertNever,
  type ClientId,
  type Clock,
  type Digest,
  FlError,
  type Instant,
  type Logger,
  type Rng,
  type TaskId,
  toFlError,
} from "@sotto/base";
import { seedFrom } from "@sotto/crypto";
import type { Masker } from "@sotto/masking";
import type { Answer, Cursor, Instruction, Position } from "@sotto/protocol";
import type { BlobStore } from "@sotto/storage";
import { assign } from "./cohort/assign.ts";
import { callBegan, callEnded, clientsThere, forgetClient, lostClients, nobody, type Presence } from "./cohort/presence.ts";
import type { ClientWord, Command } from "./command.ts";
import { CommandQueue } from "./command-queue.ts";
import { Alarm } from "./effects/alarm.ts";
import { Bell } from "./effects/bell.ts";
import type { EvidenceStore } from "./effects/evidence-store.ts";
import { Performer } from "./effects/performer.ts";
import type { RoundEvent } from "./round/event.ts";
import type { RoundState } from "./round/state.ts";
import { answerIn } from "./round/step-result.ts";
import type { LifeEvent, LifeStep } from "./task/event.ts";
import { forecast } from "./task/forecast.ts";
import { instruct, roundOf } from "./task/instruct.ts";
import { openingsOf } from "./task/openings.ts";
import { answerToPosition } from "./task/position.ts";
import type { TaskSetup, TaskState } from "./task/state.ts";
import { isOver, liveRound, stepTask, submittedTask, wantsRound } from "./task/step.ts";
import { hasMoved, nextWakeAt } from "./task/wake.ts";

/** What the loop needs from outside. */
export interface LoopPorts {
  readonly blobs: BlobStore;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly logger: Logger;
  /** Takes masks out of sums; borrowed. */
  readonly masker: Masker;
  readonly evidence: EvidenceStore;
}

/** Tasks kept at most; beyond it the oldest that is over is forgotten. */
const tasksMax = 1_024;

/** Commands that wait at most: many from every client of a large federation. */
const queueLengthMax = 8_192;

/**
 * The coordinator's loop, the only writer of its state: takes a command, steps the machines, has the effects performed; what comes of those
 * is another command. Owns the queue, the alarm and the performer; `close` lets them go.
 */
export class Loop {
  readonly ports: LoopPorts;
  readonly performer: Performer;
  /** Rings for a client when what it is to do may have changed. */
  readonly clients: Bell<ClientId> = new Bell();
  readonly #queue: CommandQueue<Command, Answer | null>;
  readonly #alarm: Alarm;
  readonly #closing = new AbortController();
  readonly #tasks = new Map<TaskId, TaskState>();
  #presence: Presence = nobody;

  constructor(ports: LoopPorts) {
    this.ports = ports;
    this.#queue = new CommandQueue({ handle: (command) => this.#handle(command), lengthMax: queueLengthMax });
    this.#alarm = new Alarm({ clock: ports.clock, onRing: () => this.tell({ kind: "alarm" }) });
    this.performer = new Performer({ ...ports, tell: (command) => this.tell(command) });
  }

  /** All tasks in the order of submission. */
  get tasks(): ReadonlyMap<TaskId, TaskState> {
    return this.#tasks;
  }

  /** Aborts when the coordinator closes. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  /**
   * Hands in a command; gives what is said back to a client's word, else null.
   * @throws FlError `resource-exhausted` when too many wait, `unavailable` when closing
   */
  async submit(command: Command): Promise<Answer | null> {
    this.assertOpen();
    return this.#queue.submit(command);
  }

  /** @throws FlError `unavailable` when the coordinator is closing */
  assertOpen(): void {
    if (this.closing.aborted) throw new FlError("unavailable", "the coordinator is shutting down");
  }

  /** Hands in a command that nobody waits for; a coordinator that closes needs none. */
  tell(command: Command): void {
    this.submit(command).catch((error: unknown) => {
      if (!this.closing.aborted) this.ports.logger.error("a command failed", { command: command.kind, message: toFlError(error).message });
    });
  }

  /** What the client is to do now. */
  instruct(client: ClientId, cursor: Cursor | null): Instruction {
    return instruct(this.#tasks, client, cursor);
  }

  /** Whether no task is left that could want a client. */
  isIdle(): boolean {
    return [...this.#tasks.values()].every(isOver);
  }

  /** The running round the client takes part in. */
  roundOf(client: ClientId): RoundState | null {
    return roundOf(this.#tasks, client);
  }

  /** What this word would be answered now, were it said: nothing changes. */
  forecast(position: Position, word: ClientWord): Answer {
    return forecast(this.#tasks.get(position.task), { position, word, at: this.ports.clock.now() });
  }

  /** Takes no more commands, wakes every waiting call, and waits for the work under way. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#alarm.close();
    this.clients.ringAll();
    this.performer.watchers.ringAll();
    await this.performer.close();
  }

  #handle(command: Command): Answer | null {
    const at = this.ports.clock.now();
    const answer = this.#obey(command, at);
    this.#declareLost(at);
    this.#assignIdle(at);
    this.#alarm.set(nextWakeAt(this.#tasks.values(), this.#presence, at));
    return answer;
  }

  #obey(command: Command, at: Instant): Answer | null {
    switch (command.kind) {
      case "poll-began":
        this.#presence = callBegan(this.#presence, command.client, at);
        return this.#tellRoundOf(command.client, { kind: "polled", client: command.client, cursor: command.cursor, at });
      case "call-began":
        this.#presence = callBegan(this.#presence, command.client, at);
        return null;
      case "call-ended":
        this.#presence = callEnded(this.#presence, command.client, { at, cut: command.cut });
        return null;
      case "word":
        return this.#hear(command.position, command.word, at);
      case "submit-task":
        return this.#admit(command.setup, { digest: command.modelDigest, at });
      case "stop-task":
        return this.#step(command.task, { kind: "stop", at });
      case "performed":
        if (answerToPosition(this.#tasks.get(command.position.task), command.position) !== null) return null;
        return this.#stepSurely(command.position.task, { kind: "round", event: { ...command.event, at } });
      case "alarm":
        return this.#tick(at);
      default:
        return assertNever(command);
    }
  }

  #admit(setup: TaskSetup, model: { readonly digest: Digest; readonly at: Instant }): null {
    if (this.#tasks.has(setup.task)) throw new FlError("already-exists", `task ${setup.task} exists`);
    if (this.#tasks.size >= tasksMax) this.#dismissOldest();
    this.performer.admit(setup);
    this.#adopt(null, submittedTask(setup, model), model.at);
    return null;
  }

  /** Forgets the task that was submitted first of those that are over, and its model. */
  #dismissOldest(): void {
    const oldest = [...this.#tasks.values()].find(isOver);
    if (oldest === undefined) throw new FlError("resource-exhausted", `${tasksMax} tasks are running, and more cannot be kept`);
    this.#tasks.delete(oldest.setup.task);
    this.performer.dismiss(oldest.setup.task);
    this.#discard(oldest.modelDigest);
  }

  #hear(position: Position, word: ClientWord, at: Instant): Answer | null {
    this.#presence = callEnded(callBegan(this.#presence, word.client, at), word.client, { at, cut: false });
    this.clients.ring(word.client);
    const unplaced = answerToPosition(this.#tasks.get(position.task), position);
    return unplaced ?? this.#step(position.task, { kind: "round", event: { ...word, at } });
  }

  #tick(at: Instant): null {
    for (const [task, state] of this.#tasks) {
      if (liveRound(state) !== null) this.#stepSurely(task, { kind: "round", event: { kind: "tick", at } });
    }
    return null;
  }

  #declareLost(at: Instant): void {
    for (const client of lostClients(this.#presence, at)) {
      this.#presence = forgetClient(this.#presence, client);
      this.#tellRoundOf(client, { kind: "lost", client, at });
    }
  }

  #assignIdle(at: Instant): void {
    const waiting = [...this.#tasks.values()].some((state) => wantsRound(state, at));
    const openings = openingsOf(this.#tasks.values(), at);
    if (openings.length === 0 && !waiting) return;
    const there = clientsThere(this.#presence, at);
    const isIdle = (client: ClientId): boolean => this.roundOf(client) === null;
    const idle = there.filter(isIdle);
    const busy = there.filter((client) => !isIdle(client));
    for (const { kind, task, clients } of assign({ openings, idle, busy, seed: seedFrom(this.ports.rng) })) {
      if (kind === "waiting") this.#stepSurely(task, { kind: "begin", clients, at });
      else for (const client of clients) this.#stepSurely(task, { kind: "round", event: { kind: "invited", client, at } });
    }
    const left = idle.filter(isIdle);
    for (const [task, state] of this.#tasks) {
      if (wantsRound(state, at)) this.#stepSurely(task, { kind: "short", present: left, at });
    }
  }

  #tellRoundOf(client: ClientId, event: RoundEvent): null {
    const round = this.roundOf(client);
    return round === null ? null : this.#stepSurely(round.setup.position.task, { kind: "round", event });
  }

  /** A step for the coordinator's own events: should it throw, that is a bug, and the round is abandoned rather than stuck. */
  #stepSurely(task: TaskId, event: LifeEvent): null {
    try {
      this.#step(task, event);
    } catch (error) {
      const { message } = toFlError(error);
      this.ports.logger.error("a step failed", { task, event: event.kind, message });
      this.#fail(task, message);
    }
    return null;
  }

  #step(task: TaskId, event: LifeEvent): Answer | null {
    const before = this.#tasks.get(task);
    if (before === undefined) throw new FlError("not-found", `task ${task} is not known`);
    return this.#adopt(before, stepTask(before, event), event.kind === "round" ? event.event.at : event.at);
  }

  /** The step counts: first the state, then its effects in order. */
  #adopt(before: TaskState | null, { state, effects }: LifeStep, at: Instant): Answer | null {
    this.#tasks.set(state.setup.task, state);
    if (before === null || hasMoved(before, state)) this.clients.ringAll();
    for (const effect of effects) if (effect.kind !== "answer") this.performer.perform(state, effect, at);
    if (before !== null && before.modelDigest !== state.modelDigest) this.#discard(before.modelDigest);
    return answerIn(effects);
  }

  #fail(task: TaskId, reason: string): void {
    const state = this.#tasks.get(task);
    if (state === undefined || liveRound(state) === null) return;
    this.#step(task, { kind: "round", event: { kind: "failed", reason, evidence: null, at: this.ports.clock.now() } });
  }

  #discard(model: Digest): void {
    const isHeld = [...this.#tasks.values()].some((state) => state.modelDigest === model);
    if (!isHeld) this.performer.discard(model);
  }
}
