import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { createWorkspace } from "./workspace.ts";

const root = mkdtempSync(join(tmpdir(), "sotto-workspace-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

test("a demo begins in an empty folder, also after an earlier demo", () => {
  const { logs } = createWorkspace(join(root, "demo"));
  writeFileSync(join(logs, "coordinator.log"), "old");
  expect(readdirSync(createWorkspace(join(root, "demo")).logs)).toEqual([]);
});

test("a folder with somebody's files is left alone", () => {
  const folder = join(root, "thesis");
  mkdirSync(folder);
  writeFileSync(join(folder, "thesis.tex"), "years of work");
  expect(() => createWorkspace(folder)).toThrow(expect.objectContaining({ code: "already-exists" }));
  expect(existsSync(join(folder, "thesis.tex"))).toBe(true);
});

test("a folder where another demo runs is left alone", () => {
  const { root: folder } = createWorkspace(join(root, "busy"));
  writeFileSync(join(folder, ".sotto-demo"), `${process.ppid}\n`);
  expect(() => createWorkspace(folder)).toThrow(/another demo, process \d+, runs/);
});
