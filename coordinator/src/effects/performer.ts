import { createServerOptimizer } from "@sotto/aggregation";
import { assertNever, type Digest, FlError, type Instant, invariant, type Logger, type TaskId, toFlError } from "@sotto/base";
import type { Masker } from "@sotto/masking";
import type { Position, TaskEvent } from "@sotto/protocol";
import type { BlobStore } from "@sotto/storage";
import type { Command } from "../command.ts";
import type { RoundEffect } from "../round/effect.ts";
import type { RoundState } from "../round/state.ts";
import { append, emptyLog, type TaskLog } from "../task/log.ts";
import type { TaskSetup, TaskState } from "../task/state.ts";
import { isOver, liveRound } from "../task/step.ts";
import { Bell } from "./bell.ts";
import { EvidenceKeeper } from "./evidence-keeper.ts";
import type { EvidenceStore } from "./evidence-store.ts";
import { performRelease } from "./release.ts";
import { StagedUploads } from "./staged-uploads.ts";
import { TaskVectors } from "./task-vectors.ts";

/** What performing needs. */
export interface PerformerPorts {
  readonly blobs: BlobStore;
  readonly logger: Logger;
  readonly masker: Masker;
  readonly evidence: EvidenceStore;
  /** Hands a result back as a command. */
  readonly tell: (command: Command) => void;
}

/** The effects a performer performs; answers go back to who asked. */
export type PerformedEffect = Exclude<RoundEffect, { kind: "answer" }>;

interface TaskBelongings {
  readonly vectors: TaskVectors;
  log: TaskLog;
}

/** Performs the effects of the machines. Owns the vectors and records of all tasks, and the work under way; `close` waits for it and lets them go. */
export class Performer {
  readonly uploads: StagedUploads = new StagedUploads();
  /** Rings for a task when it has a new record. */
  readonly watchers: Bell<TaskId> = new Bell();
  readonly #ports: PerformerPorts;
  readonly #tasks = new Map<TaskId, TaskBelongings>();
  readonly #keeper: EvidenceKeeper;
  readonly #work = new Set<Promise<void>>();

  constructor(ports: PerformerPorts) {
    this.#ports = ports;
    this.#keeper = new EvidenceKeeper(ports);
  }

  /** Makes room for what a new task will need. */
  admit({ task, spec, plans }: TaskSetup): void {
    const optimizerState = createServerOptimizer(spec.serverOptimizer).init(plans.train.shape.parameterCount);
    this.#tasks.set(task, { vectors: new TaskVectors(optimizerState), log: emptyLog });
  }

  /** Forgets everything about a task. */
  dismiss(task: TaskId): void {
    this.#tasks.get(task)?.vectors.dispose();
    this.#tasks.delete(task);
  }

  /** The records of a task. @throws FlError `not-found` */
  logOf(task: TaskId): TaskLog {
    return this.#belongingsOf(task).log;
  }

  /** Performs one effect of a step whose outcome is `state`; what takes long goes on behind, and ends as a command. */
  perform(state: TaskState, effect: PerformedEffect, at: Instant): void {
    const { task } = state.setup;
    const belongings = this.#belongingsOf(task);
    switch (effect.kind) {
      case "record":
        belongings.log = append(belongings.log, effect.event, at);
        this.watchers.ring(task);
        this.#report(task, effect.event);
        if (isOver(state)) belongings.vectors.dispose();
        return;
      case "accumulate":
        this.#accumulate(runningRound(state).setup.position, effect);
        return;
      case "release":
        this.#release(state, effect);
        return;
      case "forget":
        belongings.vectors.forget(effect.committed);
        return;
      case "keep-evidence":
        this.#follow(this.#keeper.keep(task, effect));
        return;
      default:
        assertNever(effect);
    }
  }

  /** Deletes a model that no task has any more. */
  discard(model: Digest): void {
    this.#follow(
      this.#ports.blobs.delete(model).catch((error: unknown) => {
        this.#ports.logger.warn("an old model could not be deleted", { model, message: toFlError(error).message });
      }),
    );
  }

  /** Waits for the work under way, then lets every vector go. */
  async close(): Promise<void> {
    while (this.#work.size > 0) await Promise.all(this.#work);
    for (const { vectors } of this.#tasks.values()) vectors.dispose();
  }

  /** The log says what operators are told, without numbers of any client. */
  #report(task: TaskId, event: TaskEvent): void {
    const { logger } = this.#ports;
    switch (event.kind) {
      case "phase":
        logger.debug("phase", { task, round: event.round, phase: event.phase, cohortSize: event.cohortSize, arrived: event.arrived });
        return;
      case "committed":
        logger.info("round committed", {
          task,
          round: event.round,
          survivors: event.record.survivors.length,
          model: event.record.modelDigest,
        });
        return;
      case "abandoned":
        logger.info("round abandoned", { task, round: event.round, reason: event.reason, missing: event.missing });
        return;
      case "status":
        logger.info("task", {
          task,
          status: event.status.kind,
          ...(event.status.kind === "failed" ? { reason: event.status.reason } : {}),
        });
        return;
      default:
        assertNever(event);
    }
  }

  /** A contribution that counts and is not in the sum would spoil it: the round is given up. */
  #accumulate(position: Position, effect: Extract<RoundEffect, { kind: "accumulate" }>): void {
    try {
      const packed = this.uploads.get(effect.upload);
      invariant(packed !== null, `upload ${effect.upload} is staged until it is answered`);
      this.#belongingsOf(position.task).vectors.accumulate(packed, effect);
    } catch (error) {
      this.#fail(position, error);
    }
  }

  #release(task: TaskState, effect: Extract<RoundEffect, { kind: "release" }>): void {
    const round = runningRound(task);
    const { blobs, masker, tell } = this.#ports;
    const { position } = round.setup;
    const { vectors } = this.#belongingsOf(task.setup.task);
    const work = performRelease({ task, round, effect, vectors, blobs, masker });
    this.#follow(
      work.then(
        (event) => tell({ kind: "performed", position, event }),
        (error: unknown) => this.#fail(position, error),
      ),
    );
  }

  #fail(position: Position, error: unknown): void {
    const { message } = toFlError(error);
    this.#ports.logger.error("an effect failed", { task: position.task, round: position.round, message });
    this.#ports.tell({
      kind: "performed",
      position,
      event: { kind: "failed", reason: `the coordinator failed: ${message}`, evidence: null },
    });
  }

  #follow(work: Promise<void>): void {
    const followed = work.finally(() => this.#work.delete(followed));
    this.#work.add(followed);
  }

  #belongingsOf(task: TaskId): TaskBelongings {
    const belongings = this.#tasks.get(task);
    if (belongings === undefined) throw new FlError("not-found", `task ${task} is not known`);
    return belongings;
  }
}

function runningRound(state: TaskState): RoundState {
  const round = liveRound(state);
  invariant(round !== null, "an effect of a sum is one of a running round");
  return round;
}
