import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { readSafetensors, readTfjsLayersModel } from "@sotto/ml";
import { afterAll, expect, test } from "vitest";
import { lastLine, sotto } from "../processes/program.ts";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const folder = mkdtempSync(join(tmpdir(), "sotto-demo-"));
const heartDisease = join(root, "..", "shared", "data", "heart-disease");

afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Report {
  readonly rounds: number;
  readonly clients: number;
  readonly dropped: number;
  readonly accuracy: number;
  readonly auc: number;
  readonly baseline: { readonly pooled: { readonly accuracy: number; readonly auc: number }; readonly localMean: { readonly auc: number } };
  readonly bytesUpPerClient: number;
  readonly roundMsMedian: number;
  readonly overheadMsMedian: number;
  readonly backend: string;
  readonly modelPath: string;
}

test("the first command of the README trains four hospitals' model, compares it honestly and leaves it in two formats", {
  timeout: 180_000,
}, () => {
  const output = join(folder, "start");
  const done = spawnSync(process.execPath, [join(root, "scripts", "start.mjs"), "--output", output, "--json"], { encoding: "utf8" });
  expect([done.status, done.status === 0 ? "" : done.stderr]).toEqual([0, ""]);
  const report = lastLine(done.stdout) as unknown as Report;
  expect(report).toMatchObject({ clients: 4, dropped: 0, rounds: 10, backend: expect.stringMatching(/^(tfjs-node|wasm|cpu)$/) });
  expect(report.auc).toBeGreaterThan(0.75);
  expect(Math.abs(report.auc - report.baseline.pooled.auc)).toBeLessThan(0.05);
  expect(report.bytesUpPerClient).toBeGreaterThan(0);
  const file = (name: string): Uint8Array => readFileSync(join(report.modelPath, name));
  const layers = readTfjsLayersModel(new Map(["model.json", "weights.bin"].map((name) => [name, file(name)])));
  expect(layers.vector).toEqual(readSafetensors(file("model.safetensors")).vector);
  expect(done.stderr).toMatch(/round 10 of 10/);
  expect(done.stdout.trim().split("\n")).toHaveLength(1);
});

test.skipIf(!existsSync(heartDisease))(
  "the four heart-disease files work as they are, and the federation learns what pooling would",
  { timeout: 180_000 },
  async () => {
    const done = await sotto(["demo", "--data", heartDisease, "--output", join(folder, "heart"), "--json"]);
    expect([done.code, done.code === 0 ? "" : done.stderr]).toEqual([0, ""]);
    const report = lastLine(done.stdout) as unknown as Report;
    expect(Math.abs(report.auc - report.baseline.pooled.auc)).toBeLessThanOrEqual(0.02);
    expect(Math.abs(report.accuracy - report.baseline.pooled.accuracy)).toBeLessThanOrEqual(0.02);
    expect(report.auc).toBeGreaterThan(report.baseline.localMean.auc);
  },
);

if (!existsSync(heartDisease)) process.stderr.write("skipped: the heart-disease files are not beside this clone\n");
