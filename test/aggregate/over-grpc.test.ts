import { type ClientId, instant, parseFederationId, parseOperatorId, type TaskId } from "@sotto/base";
import { systemClock } from "@sotto/cli";
import { createClient, memoryMarks } from "@sotto/client";
import { createCoordinator, memoryEvidence } from "@sotto/coordinator";
import { randomRng } from "@sotto/crypto";
import { createFederation, decodeKey, type FederationFiles, identify, parseRoster } from "@sotto/identity";
import { createMasker } from "@sotto/masking";
import { type AdminFace, encodeTaskSpec, type TaskRecord } from "@sotto/protocol";
import { type Fault, faceWithFault, type Stage, stages } from "@sotto/simulations";
import { memoryBlobs } from "@sotto/storage";
import { chunksOf, dialAdmin, dialCoordinator, type Listener, listen, readBlob } from "@sotto/transport";
import { decodeModel, encodeModel } from "@sotto/vector";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { expectSpecified, type Outcome } from "./check-outcome.ts";
import { clientNames, knownClient, knownModel, knownPolicy, knownTask, silentLogger } from "./known-updates.ts";

const names = clientNames(5);
const operator = parseOperatorId("ada");
const runs = 20;
const atOnce = 10;
const masker = createMasker({ workerCount: 2 });
let files: FederationFiles;

afterAll(() => masker.close());

beforeAll(async () => {
  files = await createFederation({
    federation: parseFederationId("loopback"),
    clients: names,
    operators: [operator],
    coordinatorNames: ["127.0.0.1"],
    validDays: 2,
    now: instant(Date.now()),
    rng: randomRng(),
  });
});

test(`${runs} random patterns of lost clients over gRPC with mutual TLS give the survivors' weighted mean, or are abandoned by name`, {
  timeout: 240_000,
}, async () => {
  const drop = fc.oneof({ arbitrary: fc.constant(null), weight: 7 }, { arbitrary: fc.constantFrom<Stage>(...stages), weight: 3 });
  const patterns = fc.sample(fc.array(drop, { minLength: 5, maxLength: 5 }), { numRuns: runs, seed: 11 });
  for (let first = 0; first < patterns.length; first += atOnce) {
    await Promise.all(patterns.slice(first, first + atOnce).map(holdToSpecification));
  }
  expect(new Set(patterns.map((pattern) => pattern.join())).size).toBeGreaterThan(runs / 2);
});

async function holdToSpecification(drops: readonly (Stage | null)[]): Promise<void> {
  const server = await serve();
  const stop = new AbortController();
  const address = `127.0.0.1:${server.port}`;
  const clients = names.map((client, index) => {
    const before = drops[index] ?? null;
    return runClient({ client, index, address, fault: before === null ? null : { round: 1, before }, stop: stop.signal });
  });
  const tls = { rootCertificate: files.tlsRootCertificate, ...files.operators.get(operator)! };
  const admin = dialAdmin({ address, tls, logger: silentLogger });
  try {
    expectSpecified(await firstRound(admin), { names, drops });
  } finally {
    admin.close();
    stop.abort();
    await Promise.allSettled(clients);
    await server.close();
  }
}

async function serve(): Promise<{ readonly port: number; readonly close: () => Promise<void> }> {
  const roster = parseRoster(files.roster, decodeKey("authority-public-key", files.authorityPublicKey));
  if (roster.kind === "refused") throw new Error(roster.refusal.message);
  const coordinator = createCoordinator({
    federation: roster.value.federation,
    roster: roster.value,
    rosterBytes: files.roster,
    blobs: memoryBlobs(),
    evidence: memoryEvidence(),
    clock: systemClock,
    rng: randomRng(),
    logger: silentLogger,
  });
  const listener: Listener = await listen({
    host: "127.0.0.1",
    port: 0,
    tls: { rootCertificate: files.tlsRootCertificate, ...files.coordinator },
    identify: (fingerprint) => identify(roster.value, fingerprint),
    coordinator: (client) => coordinator.client(client),
    admin: (id) => coordinator.admin(id),
    logger: silentLogger,
    uploadSlots: 8,
  });
  const close = async (): Promise<void> => {
    await coordinator.close();
    await listener.close(1000);
  };
  return { port: listener.port, close };
}

interface ClientRun {
  readonly client: ClientId;
  readonly index: number;
  readonly address: string;
  readonly fault: Fault | null;
  readonly stop: AbortSignal;
}

/** One client until the test stops or its fault ends it: its connection ends with it, as a killed process's does. */
async function runClient({ client, index, address, fault, stop }: ClientRun): Promise<void> {
  const own = files.clients.get(client)!;
  const dialled = dialCoordinator({ address, tls: { rootCertificate: files.tlsRootCertificate, ...own }, logger: silentLogger });
  const death = new AbortController();
  const die = (): void => {
    death.abort();
    dialled.close();
  };
  const real = createClient({
    client,
    signingKey: decodeKey("identity-secret-key", own.identityKey),
    face: fault === null ? dialled : faceWithFault(dialled, fault, die),
    authorityPublicKey: decodeKey("authority-public-key", files.authorityPublicKey),
    policy: knownPolicy,
    compute: knownClient(client, index, fault).compute,
    masker,
    marks: memoryMarks(),
    clock: systemClock,
    rng: randomRng(),
    logger: silentLogger,
    onProgress: () => undefined,
  });
  await real.run(AbortSignal.any([stop, death.signal])).finally(() => dialled.close());
}

async function firstRound(admin: AdminFace): Promise<Outcome> {
  const task = await admin.submitTask(encodeTaskSpec(knownTask), chunksOf(encodeModel(knownModel)));
  const records: TaskRecord[] = [];
  while (true) {
    const page = await admin.watchTask(task, records.at(-1)?.record ?? 0, new AbortController().signal);
    records.push(...page.records);
    const isOver = records.some(({ event }) => (event.kind === "committed" || event.kind === "abandoned") && event.round === 1);
    if (isOver) return { summary: page.summary, records, model: page.summary.roundsCommitted > 0 ? await model(admin, task) : null };
  }
}

async function model(admin: AdminFace, task: TaskId): Promise<Float32Array> {
  const { blob } = await admin.model(task, new AbortController().signal);
  return decodeModel(await readBlob(blob));
}
