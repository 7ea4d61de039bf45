import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Clock, FlError, instant, invariant, parseClientId, parseFederationId, parseOperatorId, VirtualClock } from "@sotto/base";
import { randomRng, seededRng } from "@sotto/crypto";
import { createFederation, type FederationFiles } from "@sotto/identity";
import { encodeTaskSpec } from "@sotto/protocol";
import { createLogger } from "@sotto/telemetry";
import { chunksOf, dialAdmin, dialCoordinator } from "@sotto/transport";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type CoordinatorConfig, parseCoordinatorConfig } from "./config.ts";
import { type RunningCoordinator, startCoordinator } from "./main.ts";
import { tinySpec } from "./testing/tiny-task.ts";

const client = parseClientId("ward-1");
const operator = parseOperatorId("admin");
const logger = createLogger({ level: "silent" });
const clock: Clock = new VirtualClock();

let folder: string;
let federation: FederationFiles;

function configOf(change: Partial<CoordinatorConfig> = {}): CoordinatorConfig {
  const text = `
federation: tiny
listen: { port: 0 }
authorityKey: authority.pub
roster: roster
tls: { rootCertificate: root.pem, certificate: own.pem, privateKey: own.key }
dataDirectory: state
`;
  return { ...parseCoordinatorConfig(text, folder), ...change };
}

function start(config: CoordinatorConfig): Promise<RunningCoordinator> {
  return startCoordinator(config, { clock, rng: seededRng(new Uint8Array(32)), logger });
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sotto-coordinator-"));
  federation = await createFederation({
    federation: parseFederationId("tiny"),
    clients: [client],
    operators: [operator],
    coordinatorNames: ["127.0.0.1"],
    validDays: 30,
    // Certificates are judged by the machine's clock, whatever the coordinator is given.
    now: instant(Date.now()),
    rng: randomRng(),
  });
  const files = {
    "authority.pub": federation.authorityPublicKey,
    roster: federation.roster,
    "root.pem": federation.tlsRootCertificate,
    "own.pem": federation.coordinator.certificate,
    "own.key": federation.coordinator.privateKey,
  };
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
});

afterAll(() => rm(folder, { recursive: true }));

function tlsOf(own: { readonly certificate: string; readonly privateKey: string } | undefined): Parameters<typeof dialAdmin>[0]["tls"] {
  invariant(own !== undefined, "the caller is enrolled");
  return { rootCertificate: federation.tlsRootCertificate, certificate: own.certificate, privateKey: own.privateKey };
}

test("a coordinator started from files serves its operators and clients over TLS, and closes", async () => {
  const running = await start(configOf());
  const address = `127.0.0.1:${running.port}`;
  const admin = dialAdmin({ address, tls: tlsOf(federation.operators.get(operator)), logger });
  const face = dialCoordinator({ address, tls: tlsOf(federation.clients.get(client)), logger });
  const task = await admin.submitTask(encodeTaskSpec(tinySpec()), chunksOf(new Uint8Array(12)));
  expect(await admin.listTasks()).toMatchObject([{ task, status: { kind: "submitted" } }]);
  const poll = face.next(null, new AbortController().signal);
  const { records } = await admin.watchTask(task, 2, new AbortController().signal);
  expect(records).toMatchObject([{ record: 3, event: { kind: "phase", phase: "waiting", arrived: 1 } }]);
  await running.close();
  expect(await poll).toMatchObject({ kind: "idle" });
  admin.close();
  face.close();
});

test("what is wrong with the files is said before anything listens", async () => {
  const codeOf = async (config: CoordinatorConfig): Promise<unknown> => {
    const failure = await start(config).then(
      () => null,
      (error: unknown) => error,
    );
    return failure instanceof FlError ? failure.code : failure;
  };
  expect(await codeOf(configOf({ roster: join(folder, "none") }))).toBe("not-found");
  expect(await codeOf(configOf({ roster: join(folder, "root.pem") }))).toBe("invalid-argument");
  expect(await codeOf(configOf({ authorityKey: join(folder, "own.key") }))).toBe("invalid-argument");
  expect(await codeOf(configOf({ federation: parseFederationId("other") }))).toBe("failed-precondition");
});

test("an expired roster is not used", async () => {
  const late: Clock = { now: () => instant(Date.now() + 31 * 24 * 3_600_000), sleepUntil: () => Promise.resolve() };
  const started = startCoordinator(configOf(), { clock: late, rng: randomRng(), logger });
  await expect(started).rejects.toMatchObject({ code: "failed-precondition" });
});
