import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { toHex } from "@sotto/base";
import { seededRng } from "@sotto/crypto";
import { runWorld, type SimulatedClient, seedOf, stages } from "@sotto/simulations";
import { createLogger } from "@sotto/telemetry";
import { expect, test } from "vitest";
import {
  clientNames,
  knownClient,
  knownContribution,
  knownFederation,
  knownModel,
  knownPolicy,
  knownTask,
} from "../aggregate/known-updates.ts";
import { submit, watch, withAdmin } from "../processes/admin.ts";
import { startFederation } from "../processes/federation.ts";
import { hospitalTables, hospitalTask } from "../processes/task.ts";

/** The forms in which bytes could stand in a log. */
function formsOf(bytes: Uint8Array): readonly string[] {
  const buffer = Buffer.from(bytes);
  const start = [...bytes.subarray(0, 6)];
  return [toHex(bytes), buffer.toString("base64").replace(/=+$/, ""), buffer.toString("base64url"), start.join(","), start.join(", ")];
}

/** Every form of every secret that the text holds. */
function found(text: string, secrets: readonly Uint8Array[]): readonly string[] {
  const lower = text.toLowerCase();
  return secrets.flatMap(formsOf).filter((form) => lower.includes(form.toLowerCase()));
}

test("a secret in a log would be found: the search has no blind spot", () => {
  const secret = seededRng(seedOf("planted", 1)).bytes(32);
  for (const form of formsOf(secret)) expect(found(`{"message":"${form}"}`, [secret])).not.toEqual([]);
});

test("no key, seed, share or weight stands in what a whole task logs at its most verbose, with clients lost on the way", {
  timeout: 120_000,
}, async () => {
  const names = clientNames(5);
  const federation = knownFederation(names);
  const lines: string[] = [];
  const logger = createLogger({ level: "trace", destination: { write: (line) => lines.push(line) } });
  for (const [seed, before] of stages.entries()) {
    const clients: SimulatedClient[] = names.map((client, index) => knownClient(client, index, index === 2 ? { round: 1, before } : null));
    await runWorld({
      federation,
      clients,
      policy: knownPolicy,
      spec: knownTask,
      initialModel: knownModel,
      seed,
      logger,
      lastRound: null,
      untilMs: 3_600_000,
    });
  }
  const text = lines.join("");
  expect(lines.length).toBeGreaterThan(100);
  // Whatever was drawn at random, in the pieces in which it was drawn: session seeds, and with them every session key.
  const drawn = stages.flatMap((_, seed) =>
    ["coordinator", ...names.keys()].flatMap((who) => {
      const rng = seededRng(seedOf(who === "coordinator" ? who : `client ${who}`, seed));
      return Array.from({ length: 64 }, () => rng.bytes(32));
    }),
  );
  expect(found(text, [...federation.signingKeys.values(), ...drawn])).toEqual([]);
  for (const index of names.keys()) {
    for (const value of knownContribution(index).update!) expect(text).not.toContain(Math.abs(value).toPrecision(6));
  }
});

test("no key of a file stands in what real processes log at their most verbose", { timeout: 120_000 }, async () => {
  const federation = await startFederation({ tables: hospitalTables(4), logLevel: "trace" });
  try {
    const { spec, model } = await hospitalTask({ clients: 4, rounds: 3, hiddenUnits: 8 });
    const watched = await withAdmin(federation.operatorConfig, async (admin) => watch(admin, await submit(admin, spec, model)));
    expect(watched.summary.status.kind).toBe("finished");
    const text = [federation.coordinator, ...federation.clients.values()].flatMap((service) => service.lines).join("\n");
    expect(text.length).toBeGreaterThan(10_000);
    for (const secret of secretsBelow(join(federation.folder, "keys"))) expect(text).not.toContain(secret);
    for (const table of hospitalTables(4).values()) {
      for (const row of table.trim().split("\n").slice(1)) expect(text).not.toContain(row);
    }
  } finally {
    await federation.close();
  }
});

/** The body of every private key and secret key file. */
function secretsBelow(folder: string): readonly string[] {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const texts = files.map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"));
  return texts.flatMap((text) => {
    if (text.startsWith("sotto-") && text.includes("secret-key")) return [text.trim().split(/\s+/)[1]!];
    if (text.includes("PRIVATE KEY")) return [text.split("\n")[1]!];
    return [];
  });
}
