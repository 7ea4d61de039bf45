import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { loadTable } from "@sotto/client";
import { featureCount } from "@sotto/protocol";
import { describe, expect, test } from "vitest";
import { heartDiseaseSchema } from "./heart-disease.ts";
import { findTables } from "./tables.ts";

const folder = fileURLToPath(new URL("../../../../../shared/data/heart-disease/", import.meta.url));
const isThere = existsSync(folder);
if (!isThere) process.stdout.write(`the UCI tables are not tested: ${folder} is not there\n`);

describe("the UCI Heart Disease data", () => {
  test("a row makes 28 inputs", () => {
    expect(featureCount(heartDiseaseSchema(1))).toBe(28);
  });

  test.runIf(isThere)("no row of the four hospitals is lost, and no input is far from the others", async () => {
    const { clients, schema } = findTables({ folder, seed: 1 });
    const loaded = await Promise.all(clients.map(({ path }) => loadTable(path, schema)));
    expect(loaded.map(({ training, heldBack }) => training.rows + heldBack.rows)).toEqual([303, 294, 123, 200]);
    expect(loaded.every(({ skippedCount }) => skippedCount === 0)).toBe(true);
    for (const { training } of loaded) expect(training.features.every((value) => Math.abs(value) < 10)).toBe(true);
  });
});
