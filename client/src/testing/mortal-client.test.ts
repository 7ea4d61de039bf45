import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import type { MortalOrder } from "./mortal-client.ts";

const program = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "dist", "testing", "mortal-client.js");
const root = mkdtempSync(join(tmpdir(), "sotto-mortal-"));

afterAll(() => rmSync(root, { recursive: true, force: true }));

/** How a process ended, and what its first client had sent, in order. */
interface Life {
  readonly signal: string | null;
  readonly code: number | null;
  readonly sent: readonly string[];
  readonly stderr: string;
}

function live(order: MortalOrder): Promise<Life> {
  const child = spawn(process.execPath, [program, JSON.stringify(order)], { stdio: ["ignore", "pipe", "pipe"] });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => {
      const lines = Buffer.concat(stdout).toString().split("\n").slice(0, -1);
      const sent = lines.filter((line) => line !== "withdrawal stopping"); // the program's own end may find a client in a round
      resolve({ code, signal, sent, stderr: Buffer.concat(stderr).toString() });
    });
  });
}

type Death = NonNullable<MortalOrder["death"]>;

/** A death, what had left the client by then, and what it sends when it is offered the same session again, then the next one. */
const deaths: readonly (readonly [Death, readonly string[], readonly string[]])[] = [
  [{ at: "spent", when: "before" }, ["ready", "advert", "shares"], ["withdrawal replay", "ready"]],
  [{ at: "spent", when: "after" }, ["ready", "advert", "shares"], ["withdrawal replay", "withdrawal spent"]],
  [{ at: "signed", when: "after" }, ["ready", "advert", "shares", "upload"], ["withdrawal replay", "withdrawal spent"]],
];

test.each(deaths.map(([death, ...lives]) => [death.when, death.at, death, ...lives] as const))(
  "a client killed %s it saved what is %s had sent nothing that depends on it, and is bound by it when it starts again",
  { timeout: 60_000 },
  async (when, at, death, first, second) => {
    const state = join(root, `${when}-${at}`);
    expect(await live({ state, death, offers: 1 })).toEqual({ signal: "SIGKILL", code: null, sent: first, stderr: "" });
    expect(readdirSync(state)).toContainEqual(expect.stringMatching(/^lock_/));
    expect(await live({ state, death: null, offers: 2 })).toEqual({ signal: null, code: 0, sent: second, stderr: "" });
    expect(readdirSync(state)).toEqual(["marks.json"]);
  },
);

test("a client killed while it saves starts again with the marks before or after, and uploads nothing", {
  timeout: 60_000,
}, async () => {
  const state = join(root, "torn");
  const first = await live({ state, death: { at: "spent", when: "during" }, offers: 1 });
  expect(first).toMatchObject({ signal: "SIGKILL", sent: ["ready", "advert", "shares"] });
  const second = await live({ state, death: null, offers: 2 });
  expect(second).toMatchObject({ code: 0, stderr: "" });
  expect([
    ["withdrawal replay", "ready"],
    ["withdrawal replay", "withdrawal spent"],
  ]).toContainEqual(second.sent);
  expect(readdirSync(state)).toEqual(["marks.json"]);
});
