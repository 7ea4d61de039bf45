import { after, type ClientId, parseOperatorId, type TaskId, utf8, VirtualClock } from "@sotto/base";
import { createClient, memoryMarks } from "@sotto/client";
import { createCoordinator, type MemoryEvidence, memoryEvidence } from "@sotto/coordinator";
import { seededRng, sha256 } from "@sotto/crypto";
import { createMasker } from "@sotto/masking";
import {
  type AdminFace,
  type CoordinatorFace,
  checkEvidenceFile,
  encodeTaskSpec,
  parseEvidenceFile,
  type Submission,
  type TaskEvent,
  type TaskSpec,
} from "@sotto/protocol";
import { memoryBlobs } from "@sotto/storage";
import { chunksOf, connectCoordinator, readBlob } from "@sotto/transport";
import { decodeModel } from "@sotto/vector";
import { expect } from "vitest";
import { expectedModel, knownTask, silentLogger } from "../aggregate/known-updates.ts";
import { authority, contributionOf, honestRoster, hospitals, identityOf, modelBytes, plan, policy } from "./hospitals.ts";
import { type Misdeeds, Puppet } from "./puppet.ts";
import { must } from "./session.ts";

/** Vectors of five parameters need no workers. */
const onThisThread = createMasker({ workerCount: 0 });

const spec: TaskSpec = {
  ...knownTask,
  aggregation: plan.aggregation,
  cohort: { count: { min: 5, goal: 7, max: 7 }, selecting: { minMs: 0, maxMs: 60_000 }, protocol: { minMs: 0, maxMs: 10_000 } },
  whenAbandoned: "stop",
  abandonedMax: 1,
};

/** How long a phase of the protocol lasts at most. */
export const phaseMs: number = spec.cohort.protocol.maxMs;

/** A round of the real coordinator with real clients, but for those that have misdeeds. */
export interface RoundScript {
  readonly misdeeds: ReadonlyMap<ClientId, Misdeeds>;
  /** Messages that honest clients send a second late, so that whoever misbehaves is heard first. */
  readonly late?: Submission["kind"] | "upload";
}

/** What came of it. */
export interface RoundOutcome {
  readonly committed: Extract<TaskEvent, { kind: "committed" }>["record"] | null;
  readonly abandoned: Extract<TaskEvent, { kind: "abandoned" }> | null;
  readonly model: Float32Array | null;
  readonly puppets: ReadonlyMap<ClientId, Puppet>;
  /** Who is convicted of what, by files that hold against the roster. */
  readonly convictions: readonly (readonly [client: ClientId, kind: string])[];
}

/** Plays the first round of a task to its end, and lets what misbehaves after it do so. */
export async function playRound({ misdeeds, late }: RoundScript): Promise<RoundOutcome> {
  const clock = new VirtualClock();
  const { roster, bytes: rosterBytes } = honestRoster;
  const evidence = memoryEvidence();
  const ports = {
    blobs: memoryBlobs(),
    clock,
    rng: seededRng(sha256(utf8("coordinator"))),
    logger: silentLogger,
    evidence,
    maskWorkers: 0,
  };
  const coordinator = createCoordinator({ ...ports, federation: roster.federation, roster, rosterBytes });
  const stop = new AbortController();
  const faceOf = (client: ClientId): CoordinatorFace => connectCoordinator(coordinator.client(client));
  const puppets = new Map(
    [...misdeeds].map(([client, own]) => [client, new Puppet({ client, roster, clock, face: faceOf(client), misdeeds: own })]),
  );
  const clients = hospitals.map(
    (client) =>
      puppets.get(client)?.run(stop.signal) ?? runHonest(client, { clock, face: later(faceOf(client), late, clock) }, stop.signal),
  );
  try {
    const admin = coordinator.admin(parseOperatorId("operator"));
    const task = await clock.run(admin.submitTask(encodeTaskSpec(spec), chunksOf(modelBytes)));
    const events = await clock.run(firstRound(admin, task));
    await clock.run(admin.stopTask(task));
    await clock.runFor(aftermathMs);
    const committed = events.flatMap((event) => (event.kind === "committed" ? [event.record] : []))[0] ?? null;
    const abandoned = events.flatMap((event) => (event.kind === "abandoned" ? [event] : []))[0] ?? null;
    const model = committed === null ? null : decodeModel(await clock.run(modelOf(admin, task)));
    return { committed, abandoned, model, puppets, convictions: convictionsIn(evidence) };
  } finally {
    stop.abort();
    await clock.run(Promise.all([...clients, coordinator.close()]));
  }
}

/** Time that those who misbehave get after the round. */
const aftermathMs = 3 * phaseMs;

function runHonest(
  client: ClientId,
  { clock, face }: { readonly clock: VirtualClock; readonly face: CoordinatorFace },
  stop: AbortSignal,
): Promise<void> {
  const real = createClient({
    client,
    signingKey: identityOf(client).secretKey,
    face,
    authorityPublicKey: authority.publicKey,
    policy,
    compute: { contribute: async () => contributionOf(client) },
    marks: memoryMarks(),
    masker: onThisThread,
    clock,
    rng: seededRng(sha256(utf8(`honest ${client}`))),
    logger: silentLogger,
    onProgress: () => undefined,
  });
  return real.run(stop);
}

/** The face with one kind of message sent a second late. */
function later(face: CoordinatorFace, late: RoundScript["late"], clock: VirtualClock): CoordinatorFace {
  const pause = (): Promise<void> => clock.sleepUntil(after(clock.now(), 1_000));
  return {
    ...face,
    submit: async (submission) => {
      if (submission.kind === late) await pause();
      return face.submit(submission);
    },
    upload: async (declaration, chunks, signal) => {
      if (late === "upload") await pause();
      return face.upload(declaration, chunks, signal);
    },
  };
}

/** What happened in the first round, to its end. */
async function firstRound(admin: AdminFace, task: TaskId): Promise<readonly TaskEvent[]> {
  const events: TaskEvent[] = [];
  let last = 0;
  while (!events.some(({ kind }) => kind === "committed" || kind === "abandoned")) {
    const { records } = await admin.watchTask(task, last, new AbortController().signal);
    events.push(...records.map(({ event }) => event));
    last = records.at(-1)?.record ?? last;
  }
  return events;
}

async function modelOf(admin: AdminFace, task: TaskId): Promise<Uint8Array> {
  return readBlob((await admin.model(task, new AbortController().signal)).blob);
}

/** The accused of every file that holds: one that does not is a mistake of the coordinator. */
function convictionsIn({ files }: MemoryEvidence): RoundOutcome["convictions"] {
  return [...files.values()].map((bytes) => {
    const file = parseEvidenceFile(bytes);
    return [must(checkEvidenceFile(file, honestRoster)), file.evidence.kind];
  });
}

/** Holds a round to have committed the exact sum over these clients, and no others. */
export function expectCommitted({ committed, model }: RoundOutcome, survivors: readonly ClientId[]): void {
  expect(committed?.survivors).toEqual(survivors);
  const expected = expectedModel(survivors.map((client) => hospitals.indexOf(client)));
  const error = Math.max(...expected.model.map((value, i) => Math.abs(value - model![i]!)));
  expect(error).toBeLessThanOrEqual(expected.bound);
}

/** The answers that a client was refused with: codes, or what else it was told. */
export function answersTo({ puppets }: RoundOutcome, client: ClientId): readonly string[] {
  return puppets.get(client)!.answers.map((answer) => (answer.kind === "refused" ? answer.code : answer.kind));
}
