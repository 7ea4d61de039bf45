import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseClientId, parseFederationId, parseRoundNumber, parseSessionNumber } from "@sotto/base";
import { sha256Digest } from "@sotto/crypto";
import { decodeKey } from "@sotto/identity";
import { encodeEvidenceFile } from "@sotto/protocol";
import { evidenceOf } from "@sotto/protocol/contract";
import { afterAll, describe, expect, test } from "vitest";
import { lastLine, Service, sotto } from "../processes/program.ts";
import { hospitalTables } from "../processes/task.ts";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const folder = mkdtempSync(join(tmpdir(), "sotto-docs-"));
const services: Service[] = [];

afterAll(async () => {
  await Promise.all(services.map((service) => service.stop()));
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

/** A block of a page: a file to write, or commands to run. */
type Block =
  | { readonly kind: "file"; readonly name: string; readonly text: string }
  | { readonly kind: "commands"; readonly lines: readonly string[] };

function blocksOf(page: string): readonly Block[] {
  const text = readFileSync(join(root, "docs", page), "utf8");
  return [...text.matchAll(/^```(yaml|sh)\n([\s\S]*?)^```$/gm)].map(([, language, body = ""]): Block => {
    if (language === "sh") return { kind: "commands", lines: body.trim().split("\n") };
    const name = /^# file: (\S+)$/m.exec(body)?.[1];
    if (name === undefined) throw new Error(`a yaml block of ${page} does not name its file`);
    return { kind: "file", name, text: body };
  });
}

/** Follows a page as its reader would, in `cwd`; services stay running. */
async function follow(page: string, { cwd, change }: { readonly cwd: string; readonly change: (text: string) => string }): Promise<void> {
  const variables = new Map<string, string>();
  for (const block of blocksOf(page)) {
    if (block.kind === "file") writeFileSync(join(cwd, block.name), change(block.text));
    else for (const line of block.lines) await runLine(line, { cwd, variables });
  }
}

async function runLine(line: string, { cwd, variables }: { readonly cwd: string; readonly variables: Map<string, string> }): Promise<void> {
  const [program, ...words] = line.split(/\s+/).map((word) => (word.startsWith("$") ? variables.get(word.slice(1))! : word));
  if (program === "npm") return; // the demonstration's test runs it
  expect(program).toBe("sotto");
  if (words[1] === "start") {
    const absolute = words.map((word) => (word.endsWith(".yaml") ? join(cwd, word) : word));
    const service = new Service(line, [...absolute, "--json", "--until-stdin-ends"]);
    services.push(service);
    await service.line((said) => said.startsWith('{"ready":'));
    return;
  }
  const done = await sotto(words, { cwd });
  expect([line, done.code, done.code === 0 ? "" : done.stderr]).toEqual([line, 0, ""]);
  if (words[0] === "task" && words[1] === "submit") variables.set("TASK", String(lastLine(done.stdout)["task"]));
}

describe("every command of the pages works, in the order a federation is set up", () => {
  test("trying it on one machine", { timeout: 120_000 }, async () => {
    await follow("try-it.md", { cwd: folder, change: (text) => text });
    expect(readdirSync(join(folder, "try-it")).sort()).toEqual(expect.arrayContaining(["config", "data", "federation", "logs", "model"]));
  });

  test("running a coordinator", { timeout: 60_000 }, async () => {
    await follow("run-a-coordinator.md", { cwd: folder, change: (text) => text });
  });

  test("joining as each of three data owners", { timeout: 60_000 }, async () => {
    const tables = [...hospitalTables(3).values()];
    for (const [index, client] of ["basel", "bern", "zurich"].entries()) {
      const cwd = join(folder, `home-of-${client}`);
      mkdirSync(cwd);
      cpSync(join(folder, "federation", "clients", client), join(cwd, "keys"), { recursive: true });
      writeFileSync(join(cwd, "patients.csv"), tables[index]!);
      await follow("join-as-a-client.md", { cwd, change: (text) => text.replace("client: basel", `client: ${client}`) });
    }
  });

  test("submitting a task and fetching its model", { timeout: 120_000 }, async () => {
    await follow("submit-a-task.md", { cwd: folder, change: (text) => text });
    expect(readdirSync(join(folder, "model")).sort()).toEqual(["model.json", "weights.bin"]);
    expect(readdirSync(join(folder, "weights")).some((name) => name.endsWith(".safetensors"))).toBe(true);
  });

  test("checking evidence that a client lied", { timeout: 60_000 }, async () => {
    const cwd = join(folder, "judge");
    mkdirSync(cwd);
    for (const name of ["roster.signed", "authority-public.key"]) cpSync(join(folder, "federation", "coordinator", name), join(cwd, name));
    writeFileSync(join(cwd, "evidence.json"), falseShareIn(join(folder, "federation")));
    await follow("verify-evidence.md", { cwd, change: (text) => text });
  });
});

/** The file of a session in which one of the three revealed a share that it was not dealt. */
function falseShareIn(federation: string): Uint8Array {
  const clients = ["basel", "bern", "zurich"].map((id) => {
    const key = readFileSync(join(federation, "clients", id, "identity.key"), "utf8");
    return { id: parseClientId(id), secretKey: decodeKey("identity-secret-key", key) };
  });
  const digest = sha256Digest(readFileSync(join(federation, "coordinator", "roster.signed")));
  const position = { round: parseRoundNumber(7), session: parseSessionNumber(0) };
  const context = { federation: parseFederationId("alps"), rosterDigest: digest, planDigest: digest, modelDigest: digest, ...position };
  return encodeEvidenceFile({ version: 1, context, evidence: evidenceOf["false-share"]({ context, clients }) });
}
