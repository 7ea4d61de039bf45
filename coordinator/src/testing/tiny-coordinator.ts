import { type ClientId, FlError, type Logger, parseOperatorId, type TaskId, utf8, VirtualClock } from "@sotto/base";
import { seededRng, sha256 } from "@sotto/crypto";
import { parseRoster } from "@sotto/identity";
import { type AdminFace, encodeTaskSpec, type TaskEvent, type TaskRecord, type TaskSpec } from "@sotto/protocol";
import { type BlobStore, memoryBlobs } from "@sotto/storage";
import { chunksOf, connectAdmin, connectCoordinator } from "@sotto/transport";
import { encodeModel, toModelVector } from "@sotto/vector";
import { type Coordinator, createCoordinator } from "../coordinator.ts";
import { type MemoryEvidence, memoryEvidence } from "../effects/memory-evidence.ts";
import type { PeerLog, PeerLoopOptions } from "./peer-loop.ts";
import { newLog, runPeer } from "./peer-loop.ts";
import { type TinyFederation, tinyFederation } from "./tiny-task.ts";

/** A whole coordinator on a virtual clock and in memory, and its peers. */
export interface TinyCoordinator {
  readonly coordinator: Coordinator;
  readonly admin: AdminFace;
  readonly clock: VirtualClock;
  readonly blobs: BlobStore;
  readonly evidence: MemoryEvidence;
  readonly federation: TinyFederation;
  /** Errors and warnings that were logged: tests expect none. */
  readonly complaints: readonly string[];
  /** What happened in each task, as an operator's long poll is told it. */
  readonly records: ReadonlyMap<TaskId, readonly TaskRecord[]>;
  /** Submits a task whose initial model is zeros. */
  submit(spec: TaskSpec): Promise<TaskId>;
  /** Starts the client's loop; `stop` cuts its connection. */
  start(client: ClientId, options?: Partial<Pick<PeerLoopOptions, "peer" | "trainingMs" | "onInstruction">>): RunningPeer;
  /** Closes the coordinator and cuts every connection. */
  close(): Promise<void>;
}

/** A peer whose loop runs. */
export interface RunningPeer {
  readonly log: PeerLog;
  stop(): void;
}

/** A coordinator for a federation of `count` hospitals. */
export function tinyCoordinator(count: number, blobs: BlobStore = memoryBlobs()): TinyCoordinator {
  const federation = tinyFederation(count);
  const clock = new VirtualClock();
  const complaints: string[] = [];
  const evidence = memoryEvidence();
  const roster = parseRoster(federation.rosterBytes, federation.authorityPublicKey);
  if (roster.kind === "refused") throw new FlError("internal", roster.refusal.message);
  const coordinator = createCoordinator({
    federation: federation.federation,
    roster: roster.value,
    rosterBytes: federation.rosterBytes,
    blobs,
    clock,
    rng: seededRng(sha256(utf8("coordinator"))),
    logger: complainingLogger(complaints),
    evidence,
    maskWorkers: 0,
  });
  const admin = connectAdmin(coordinator.admin(parseOperatorId("admin")));
  const network = new AbortController();
  const records = new Map<TaskId, TaskRecord[]>();
  return {
    coordinator,
    admin,
    clock,
    blobs,
    evidence,
    federation,
    complaints,
    records,
    async submit(spec) {
      const task = await admin.submitTask(encodeTaskSpec(spec), chunksOf(encodeModel(toModelVector(new Float32Array(3)))));
      const seen: TaskRecord[] = [];
      records.set(task, seen);
      void watch({ admin, task, seen, signal: network.signal });
      return task;
    },
    start(client, options = {}) {
      const connection = new AbortController();
      const log = newLog();
      const face = connectCoordinator(coordinator.client(client));
      const signal = AbortSignal.any([connection.signal, network.signal]);
      void runPeer({ peer: federation.peer(client), face, clock, trainingMs: 1_000, ...options, signal }, log);
      return { log, stop: () => connection.abort() };
    },
    async close() {
      await coordinator.close();
      network.abort();
      await clock.settle();
    },
  };
}

/** Runs until the task is over, at most an hour; gives what happened in it. */
export async function untilOver(house: TinyCoordinator, task: TaskId): Promise<readonly TaskEvent[]> {
  await untilEvent(house, task, (event) => event.kind === "status" && event.status.kind !== "submitted" && event.status.kind !== "running");
  return eventsOf(house, task);
}

/** Runs until such an event was seen, at most an hour. */
export async function untilEvent(house: TinyCoordinator, task: TaskId, isIt: (event: TaskEvent) => boolean): Promise<void> {
  await house.clock.runUntil(() => eventsOf(house, task).some(isIt), 3_600_000);
}

/** What was seen to happen in a task. */
export function eventsOf(house: TinyCoordinator, task: TaskId): readonly TaskEvent[] {
  return (house.records.get(task) ?? []).map((record) => record.event);
}

interface Watch {
  readonly admin: AdminFace;
  readonly task: TaskId;
  readonly seen: TaskRecord[];
  readonly signal: AbortSignal;
}

async function watch({ admin, task, seen, signal }: Watch): Promise<void> {
  while (!signal.aborted) {
    try {
      const { records } = await admin.watchTask(task, seen.at(-1)?.record ?? 0, signal);
      seen.push(...records);
    } catch (error) {
      if (signal.aborted || (error instanceof FlError && error.code === "unavailable")) return;
      throw error;
    }
  }
}

function complainingLogger(complaints: string[]): Logger {
  const complain = (message: string, fields?: unknown): void => {
    complaints.push(`${message} ${JSON.stringify(fields)}`);
  };
  const silent = (): void => undefined;
  const logger: Logger = { trace: silent, debug: silent, info: silent, warn: complain, error: complain, child: () => logger };
  return logger;
}
