import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { parseTaskId } from "@sotto/base";
import { readSafetensors, readTfjsLayersModel } from "@sotto/ml";
import type { Plan } from "@sotto/protocol";
import { toModelVector } from "@sotto/vector";
import { afterAll, describe, expect, test } from "vitest";
import { hospitalSchema } from "./demo/hospitals.ts";
import { hospitalRecipe } from "./demo/recipe.ts";
import { demoTaskSpec, demoTopology } from "./demo/task.ts";
import { type TaskModel, writeModel } from "./model-files.ts";

const root = mkdtempSync(join(tmpdir(), "sotto-model-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const data = hospitalSchema(1);
const layout = [
  { name: "hidden/kernel", shape: [11, 16] },
  { name: "hidden/bias", shape: [16] },
  { name: "output/kernel", shape: [16, 1] },
  { name: "output/bias", shape: [1] },
];
const {
  model: declared,
  training,
  evaluation,
  contribution,
  aggregation,
  privacy,
} = demoTaskSpec({
  name: "heart",
  data,
  clients: 4,
  rounds: 3,
  seed: 1,
  recipe: hospitalRecipe,
  layout,
});
const parts = { model: declared, data, training, evaluation, contribution, aggregation, privacy };
const plan: Plan = { version: 1, task: parseTaskId("heart"), purpose: "train", ...parts };
const model: TaskModel = { plan, round: 3, vector: toModelVector(Float32Array.from({ length: 209 }, (_, i) => i / 7)) };

describe("a model's files", () => {
  test("TensorFlow.js files hold the topology and every weight", () => {
    const paths = writeModel(model, { folder: join(root, "tfjs"), format: "tfjs" });
    const files = new Map(paths.map((path) => [basename(path), new Uint8Array(readFileSync(path))]));
    expect([...files.keys()]).toContain("model.json");
    const read = readTfjsLayersModel(files);
    expect(read.vector).toEqual(model.vector);
    expect(read.layout).toEqual(layout);
    expect(read.topology).toEqual(demoTopology(data, hospitalRecipe));
  });

  test("a safetensors file holds every weight and says where it comes from", () => {
    const [path] = writeModel(model, { folder: join(root, "safetensors"), format: "safetensors" });
    const read = readSafetensors(new Uint8Array(readFileSync(path!)));
    expect(read.vector).toEqual(model.vector);
    expect(read.metadata).toMatchObject({ task: "heart", round: "3" });
    expect(JSON.parse(read.metadata["topology"]!)).toEqual(demoTopology(data, hospitalRecipe));
  });

  test("files that are there are never written over", () => {
    const into = { folder: join(root, "twice"), format: "safetensors" } as const;
    writeModel(model, into);
    expect(() => writeModel(model, into)).toThrow(expect.objectContaining({ code: "already-exists" }));
  });
});
