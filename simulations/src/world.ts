import { type ClientId, invariant, type Logger, parseOperatorId, type TaskId, VirtualClock } from "@sotto/base";
import { type Compute, createClient, memoryMarks, type Policy } from "@sotto/client";
import { createCoordinator, memoryEvidence } from "@sotto/coordinator";
import { seededRng } from "@sotto/crypto";
import { createMasker, type Masker } from "@sotto/masking";
import { type AdminFace, encodeTaskSpec, type TaskEvent, type TaskRecord, type TaskSpec, type TaskSummary } from "@sotto/protocol";
import { memoryBlobs } from "@sotto/storage";
import { chunksOf, connectAdmin, connectCoordinator, readBlob } from "@sotto/transport";
import { decodeModel, encodeModel, type ModelVector } from "@sotto/vector";
import { type Fault, faceWithFault } from "./fault.ts";
import { type SimulatedFederation, seedOf } from "./federation.ts";

/** One simulated client: what it computes, and how it fails. */
export interface SimulatedClient {
  readonly client: ClientId;
  readonly compute: Compute;
  readonly fault: Fault | null;
}

/** What a world is made of. */
export interface WorldOptions {
  readonly federation: SimulatedFederation;
  readonly clients: readonly SimulatedClient[];
  readonly policy: Policy;
  readonly spec: TaskSpec;
  readonly initialModel: ModelVector;
  /** Every secret of the world is drawn from it: one seed, one run. */
  readonly seed: number;
  readonly logger: Logger;
  /** The world ends when this round is committed or abandoned; null runs the task to its end. */
  readonly lastRound: number | null;
  /** Virtual time after which the world is given up. */
  readonly untilMs: number;
}

/** What came of the task. */
export interface WorldOutcome {
  readonly summary: TaskSummary;
  readonly records: readonly TaskRecord[];
  /** The latest model; null when no round was committed. */
  readonly model: ModelVector | null;
}

/** Runs one task in one process to its end: the real coordinator and the real clients over the memory transport, in virtual time. */
export async function runWorld(options: WorldOptions): Promise<WorldOutcome> {
  const { federation, logger, seed } = options;
  const clock = new VirtualClock();
  // On this thread alone: virtual time must not pass while a worker is at it.
  const masker = createMasker({ workerCount: 0 });
  const ports = {
    blobs: memoryBlobs(),
    evidence: memoryEvidence(),
    clock,
    rng: seededRng(seedOf("coordinator", seed)),
    logger,
    maskWorkers: 0,
  };
  const coordinator = createCoordinator({ ...federation, ...ports });
  const admin = connectAdmin(coordinator.admin(parseOperatorId("researcher")));
  const stop = new AbortController();
  const clients = options.clients.map((simulated, index) =>
    startClient({ ...options, simulated, index, clock, coordinator, masker, stop: stop.signal }),
  );
  try {
    return await clock.run(followTask(admin, options), options.untilMs);
  } finally {
    stop.abort();
    await clock.run(Promise.allSettled([...clients, coordinator.close()]), 3_600_000);
  }
}

interface ClientStart extends WorldOptions {
  readonly simulated: SimulatedClient;
  readonly index: number;
  readonly clock: VirtualClock;
  readonly coordinator: ReturnType<typeof createCoordinator>;
  readonly masker: Masker;
  readonly stop: AbortSignal;
}

/** Runs one client until the world stops or its fault ends it. */
function startClient({ simulated, index, clock, coordinator, masker, stop, federation, policy, seed, logger }: ClientStart): Promise<void> {
  const { client, compute, fault } = simulated;
  const signingKey = federation.signingKeys.get(client);
  invariant(signingKey !== undefined, "every simulated client is enrolled");
  const death = new AbortController();
  const connected = connectCoordinator(coordinator.client(client));
  const face = fault === null ? connected : faceWithFault(connected, fault, () => death.abort());
  const { authorityPublicKey } = federation;
  const rng = seededRng(seedOf(`client ${index}`, seed));
  const real = createClient({
    client,
    signingKey,
    face,
    authorityPublicKey,
    policy,
    compute,
    masker,
    marks: memoryMarks(),
    clock,
    rng,
    logger,
    onProgress: () => undefined,
  });
  return real.run(AbortSignal.any([stop, death.signal]));
}

/** Submits the task and watches it to the end of the task or of the last round. */
async function followTask(admin: AdminFace, { spec, initialModel, lastRound }: WorldOptions): Promise<WorldOutcome> {
  const task = await admin.submitTask(encodeTaskSpec(spec), chunksOf(encodeModel(initialModel)));
  const records: TaskRecord[] = [];
  while (true) {
    const { summary, records: fresh } = await admin.watchTask(task, records.at(-1)?.record ?? 0, new AbortController().signal);
    records.push(...fresh);
    const isOver = summary.status.kind !== "submitted" && summary.status.kind !== "running";
    if (isOver || records.some(({ event }) => endsRound(event, lastRound))) {
      return { summary, records, model: summary.roundsCommitted > 0 ? await latestModel(admin, task) : null };
    }
  }
}

function endsRound(event: TaskEvent, round: number | null): boolean {
  return (event.kind === "committed" || event.kind === "abandoned") && event.round === round;
}

async function latestModel(admin: AdminFace, task: TaskId): Promise<ModelVector> {
  const { blob } = await admin.model(task, new AbortController().signal);
  return decodeModel(await readBlob(blob));
}
