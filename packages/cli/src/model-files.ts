import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { FlError } from "@sotto/base";
import { safetensors, tfjsLayersModel } from "@sotto/ml";
import type { Plan } from "@sotto/protocol";
import type { ModelVector } from "@sotto/vector";

/** What a model can be written as: TensorFlow.js' `model.json` and weights, or one safetensors file. */
export const modelFormats = ["tfjs", "safetensors"] as const;

/** One of {@link modelFormats}. */
export type ModelFormat = (typeof modelFormats)[number];

/** A model and what it belongs to. */
export interface TaskModel {
  readonly plan: Plan;
  /** The round that made it; 0 for the initial model. */
  readonly round: number;
  readonly vector: ModelVector;
}

/**
 * Writes a model's files into `folder`; answers their absolute paths, the one to open first.
 * @throws FlError `already-exists` when one of them is there
 */
export function writeModel(
  model: TaskModel,
  { folder, format }: { readonly folder: string; readonly format: ModelFormat },
): readonly string[] {
  const files = [...filesOf(model, format)].map(([name, bytes]) => ({ path: resolve(join(folder, name)), bytes }));
  const taken = files.find(({ path }) => existsSync(path));
  if (taken !== undefined) throw new FlError("already-exists", `${taken.path} exists and is not overwritten: name another folder`);
  mkdirSync(folder, { recursive: true });
  for (const { path, bytes } of files) writeFileSync(path, bytes, { flag: "wx" });
  return files.map(({ path }) => path);
}

function filesOf({ plan, round, vector }: TaskModel, format: ModelFormat): ReadonlyMap<string, Uint8Array> {
  const { topology, layout } = plan.model;
  if (format === "tfjs") return tfjsLayersModel({ topology, layout, vector });
  const metadata = { task: plan.task, round: String(round), topology: JSON.stringify(topology) };
  return new Map([["model.safetensors", safetensors({ layout, vector, metadata })]]);
}
