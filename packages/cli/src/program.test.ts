import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterAll, describe, expect, test } from "vitest";
import { createProgram, runProgram } from "./program.ts";
import { systemClock } from "./system-clock.ts";

const folder = mkdtempSync(join(tmpdir(), "sotto-program-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function contextOf(out: string[], err: string[], signal: AbortSignal) {
  return {
    program: "unused",
    stdin: new PassThrough(),
    stdout: { write: (text: string) => out.push(text) },
    stderr: { write: (text: string) => err.push(text) },
    environment: {},
    clock: systemClock,
    signal,
  };
}

async function run(args: readonly string[], signal: AbortSignal = new AbortController().signal): Promise<Ran> {
  const out: string[] = [];
  const err: string[] = [];
  const code = await runProgram(args, contextOf(out, err, signal));
  return { code, out: out.join(""), err: err.join("") };
}

function lastObject({ out }: Ran): unknown {
  return JSON.parse(out.trimEnd().split("\n").at(-1) ?? "");
}

describe("the program", () => {
  test("help and version are answers, not errors", async () => {
    expect(await run(["--version"])).toMatchObject({ code: 0, out: "0.1.0\n" });
    const help = await run(["--help"]);
    expect(help.code).toBe(0);
    for (const command of ["demo", "coordinator", "client", "task", "model", "federation", "evidence", "doctor"])
      expect(help.out).toContain(`  ${command}`);
  });

  test.each([
    [["sing"], "unknown command 'sing'"],
    [["demo", "--clients", "2"], "whole number from 3 to 128"],
    [["demo", "--rounds", "1e3"], "whole number"],
    [["task", "list"], "required option '--config <file>'"],
    [["model", "get", "demo", "--config", "x", "--output", "y", "--format", "onnx"], "Allowed choices are tfjs, safetensors"],
  ])("%j is a mistake of usage", async (args, complaint) => {
    const { code, out, err } = await run(args);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain(complaint);
  });

  test("an error is a line for people, an object for programs, and a code", async () => {
    const missing = join(folder, "absent.yaml");
    const plain = await run(["task", "list", "--config", missing]);
    expect(plain).toEqual({ code: 21, out: "", err: `sotto: ${missing} cannot be read\n` });
    const json = await run(["task", "list", "--config", missing, "--json"]);
    expect(json.code).toBe(21);
    expect(lastObject(json)).toEqual({ error: { code: "not-found", message: `${missing} cannot be read` } });
  });

  test("a folder of other people's tables is an invalid argument, and nothing is written", async () => {
    writeFileSync(join(folder, "other.csv"), "a,b\n");
    const output = join(folder, "never");
    const ran = await run(["demo", "--data", folder, "--output", output]);
    expect(ran.code).toBe(20);
    expect(ran.err).toContain("processed.cleveland.data");
    expect(readdirSync(folder)).not.toContain("never");
  });

  test("a federation's folders are made and named", async () => {
    const config = join(folder, "federation.yaml");
    writeFileSync(config, "federation: alps\ncoordinatorNames: [localhost]\nclients: [basel, bern, zurich]\noperators: [ada]\n");
    const output = join(folder, "alps");
    const ran = await run(["federation", "create", "--config", config, "--output", output, "--json"]);
    expect(ran.code).toBe(0);
    expect(lastObject(ran)).toMatchObject({ coordinator: join(output, "coordinator"), clients: { bern: join(output, "clients", "bern") } });
    expect((await run(["federation", "create", "--config", config, "--output", output])).code).toBe(22);
  });

  test("every command that prints a result takes --json", () => {
    const context = contextOf([], [], new AbortController().signal);
    const commands = createProgram({ ...context, endAs: () => undefined }).commands;
    const leaves = commands.flatMap((command) => (command.commands.length > 0 ? command.commands : [command]));
    for (const leaf of leaves) expect([leaf.name(), leaf.options.some((option) => option.long === "--json")]).toEqual([leaf.name(), true]);
  });
});
