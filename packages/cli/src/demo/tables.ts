import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { type ClientId, FlError, parseClientId } from "@sotto/base";
import type { DataSchema } from "@sotto/protocol";
import { heartDiseaseSchema, heartDiseaseSites } from "./heart-disease.ts";
import { type DemoRecipe, heartDiseaseRecipe } from "./recipe.ts";

/** Fewest clients a round has. */
const clientsMin = 3;

/** Whose rows the demo trains on: one file a client, all read by one schema. */
export interface DemoTables {
  /** What the data is, for people. */
  readonly title: string;
  readonly schema: DataSchema;
  /** How the demo learns from them. */
  readonly recipe: DemoRecipe;
  /** Ascending by client id. */
  readonly clients: readonly { readonly client: ClientId; readonly path: string }[];
}

/**
 * The tables in a folder of the user's: the processed files of the UCI Heart Disease data, at least three of the four. The
 * files are read where they are; nothing is copied.
 * @throws FlError `not-found` when there is no such folder, `invalid-argument` when it holds other files
 */
export function findTables({ folder, seed }: { readonly folder: string; readonly seed: number }): DemoTables {
  const names = namesIn(folder);
  const found = heartDiseaseSites.filter((site) => names.includes(fileName(site)));
  if (found.length < clientsMin) throw new FlError("invalid-argument", whyUnknown({ folder, names, found }));
  return {
    title: "UCI Heart Disease",
    schema: heartDiseaseSchema(seed),
    recipe: heartDiseaseRecipe,
    clients: found.map((site) => ({ client: parseClientId(site), path: resolve(join(folder, fileName(site))) })),
  };
}

function fileName(site: string): string {
  return `processed.${site}.data`;
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (cause) {
    throw new FlError("not-found", `${folder} is not a folder that can be read`, { cause });
  }
}

function whyUnknown({ folder, names, found }: { folder: string; names: readonly string[]; found: readonly string[] }): string {
  const wanted = heartDiseaseSites.map(fileName).join(", ");
  if (found.length > 0) return `${folder} holds ${found.length} of ${wanted}, and a round needs ${clientsMin} clients`;
  if (names.includes("task.yaml")) {
    return `${folder} holds a task.yaml, which sotto demo does not read: set the federation up with sotto federation create and submit the task with sotto task submit`;
  }
  return `${folder} holds none of ${wanted}, the only tables sotto demo knows; for others see sotto federation create and sotto task submit`;
}
