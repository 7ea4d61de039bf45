import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as timer } from "node:timers/promises";
import { type ClientId, type Clock, FlError, instant, parseClientId, parseFederationId, utf8 } from "@sotto/base";
import { randomRng, seededRng, sha256 } from "@sotto/crypto";
import { createFederation, decodeKey, type FederationFiles, identify, parseRoster, type Roster } from "@sotto/identity";
import type { Plan } from "@sotto/protocol";
import { type Listener, listen } from "@sotto/transport";
import { afterAll, expect, test } from "vitest";
import { type ClientConfig, parseClientConfig } from "./config.ts";
import { lockFolder } from "./effects/folder-lock.ts";
import { type ClientProgress, startClient } from "./main.ts";
import { keepingLogger } from "./testing/keeping-logger.ts";
import { logisticPlan, tableText, zeroModel } from "./testing/logistic.ts";
import { PeerHost } from "./testing/peer-host.ts";

const folder = mkdtempSync(join(tmpdir(), "sotto-client-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const clock: Clock = {
  now: () => instant(Date.now()),
  async sleepUntil(deadline, signal) {
    await timer(Math.max(0, deadline - Date.now()), undefined, { ref: false, ...(signal && { signal }) }).catch(() => undefined);
  },
};

const wards = ["ward-1", "ward-2", "ward-3"].map(parseClientId);
const files = await createFederation({
  federation: parseFederationId("hospitals"),
  clients: wards,
  operators: [],
  coordinatorNames: ["127.0.0.1"],
  validDays: 1,
  now: clock.now(),
  rng: seededRng(sha256(utf8("federation"))),
});

function rosterOf({ roster, authorityPublicKey }: FederationFiles): Roster {
  const read = parseRoster(roster, decodeKey("authority-public-key", authorityPublicKey));
  if (read.kind === "refused") throw new Error(read.refusal.message);
  return read.value;
}

/** A coordinator on the loopback that answers with a {@link PeerHost}. */
async function startHost(plan: Plan): Promise<{ readonly host: PeerHost; readonly listener: Listener }> {
  const roster = rosterOf(files);
  const keys = { authorityPublicKey: new Uint8Array(), authoritySecretKey: new Uint8Array() };
  const federation = { id: roster.federation, clients: wards, ...keys, rosterBytes: files.roster, roster };
  const host = new PeerHost({ federation, plan, model: zeroModel(plan) }, { clock, expected: wards.length });
  const listener = await listen({
    host: "127.0.0.1",
    port: 0,
    tls: { rootCertificate: files.tlsRootCertificate, ...files.coordinator },
    identify: (fingerprint) => identify(roster, fingerprint),
    coordinator: (client) => host.face(client),
    admin: () => {
      throw new FlError("permission-denied", "there are no operators");
    },
    logger: keepingLogger(),
    uploadSlots: 4,
  });
  return { host, listener };
}

/** Every start has a state directory of its own: each test's coordinator begins with round 1 of the same task. */
let starts = 0;

/** Writes one client's files and reads its configuration back, as its owner would have it. */
function configOf(client: ClientId, port: number, table: string): ClientConfig {
  const own = files.clients.get(client);
  if (own === undefined) throw new Error(`${client} is not enrolled`);
  const write = (name: string, text: string): string => {
    writeFileSync(join(folder, `${client}-${name}`), text);
    return `${client}-${name}`;
  };
  const text = `
client: ${client}
coordinator: "127.0.0.1:${port}"
authorityKey: ${write("authority.pub", files.authorityPublicKey)}
identityKey: ${write("identity.key", own.identityKey)}
tls:
  rootCertificate: ${write("root.pem", files.tlsRootCertificate)}
  certificate: ${write("own.pem", own.certificate)}
  privateKey: ${write("own-key.pem", own.privateKey)}
data: ${write("table.csv", table)}
state: ${client}-state-${++starts}
policy: { minCohort: 3 }
backend: cpu
whenIdle: leave
`;
  return parseClientConfig(text, folder);
}

test("three clients read their files, join over TLS, train on their own tables, and leave when there is no more work", async () => {
  const { host, listener } = await startHost(logisticPlan({ evaluation: { lossMax: 10, aucBins: 8 } }));
  const progress: ClientProgress[] = [];
  const running = wards.map((ward, index) => {
    const ports = { clock, rng: randomRng(), logger: keepingLogger(), onProgress: (told: ClientProgress) => void progress.push(told) };
    return startClient(configOf(ward, listener.port, tableText(60, index)), ports, new AbortController().signal);
  });
  await host.round();
  await Promise.all(running);
  await listener.close(1_000);
  expect(host.peer.result?.updateMean?.[0]).toBeGreaterThan(0);
  expect(host.peer.result!.weight + host.peer.result!.scalars[0]!).toBeCloseTo(180, 0);
  expect(progress.filter(({ kind }) => kind === "done")).toHaveLength(3);
  expect(progress.some(({ kind }) => kind === "training")).toBe(true);
});

test("a client whose table does not fit the plan withdraws and ends with the reason", async () => {
  const { host, listener } = await startHost(logisticPlan());
  const ports = { clock, rng: randomRng(), logger: keepingLogger() };
  const config = configOf(wards[0]!, listener.port, "a,b\n1,1\n");
  await expect(startClient(config, ports, new AbortController().signal)).rejects.toMatchObject({
    code: "invalid-argument",
    message: expect.stringContaining("table.csv"),
  });
  expect(host.peer.withdrawals).toMatchObject([{ client: "ward-1", reason: expect.stringContaining("local-failure") }]);
  await listener.close(1_000);
});

test("a client does not start on marks that are damaged, or that another process holds, and says which", async () => {
  const config = configOf(wards[0]!, 1, "");
  const ports = { clock, rng: randomRng(), logger: keepingLogger() };
  mkdirSync(config.state);
  writeFileSync(join(config.state, "marks.json"), "{");
  await expect(startClient(config, ports, new AbortController().signal)).rejects.toMatchObject({
    code: "data-loss",
    message: expect.stringContaining(join(config.state, "marks.json")),
  });
  rmSync(join(config.state, "marks.json"));
  const held = await lockFolder(config.state);
  await expect(startClient(config, ports, new AbortController().signal)).rejects.toMatchObject({
    code: "failed-precondition",
    message: expect.stringContaining(`held by process ${process.pid}`),
  });
  await held.release();
});

test.each([
  ["identityKey", "not-found", "none does not exist"],
  ["data", "not-found", "none does not exist"],
  ["authorityKey", "invalid-argument", "expected a text beginning with sotto-authority-public-key"],
] as const)("a client without a good %s does not start", async (field, code, message) => {
  const config = { ...configOf(wards[0]!, 1, ""), [field]: join(folder, field === "authorityKey" ? "ward-1-identity.key" : "none") };
  const started = startClient(config, { clock, rng: randomRng(), logger: keepingLogger() }, new AbortController().signal);
  await expect(started).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
});
