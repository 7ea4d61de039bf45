import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { utf8 } from "@sotto/base";
import type { ColumnRule, DataSchema } from "@sotto/protocol";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { type LoadedTable, loadRows, loadTable } from "./load-table.ts";

const numeric = (name: string, bounds: { min: number; max: number }, missing: readonly string[] = []): ColumnRule => ({
  type: "numeric",
  name,
  mean: 0,
  deviation: 1,
  imputed: 0,
  missing,
  ...bounds,
});
const small: DataSchema = {
  format: "csv",
  delimiter: ",",
  header: true,
  missing: ["?"],
  columns: [numeric("x", { min: -1e6, max: 1e6 }), numeric("y", { min: -1e6, max: 1e6 }), { type: "ignored", name: "label" }],
  target: { type: "binary", column: "label", above: 0 },
  heldBack: { fraction: 0.3, seed: 5 },
};
const load = (text: string, schema: DataSchema = small): Promise<LoadedTable> => loadRows([utf8(text)], schema);
const folder = mkdtempSync(join(tmpdir(), "sotto-data-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("a table from a file", () => {
  test("every row is trained on, held back or counted as skipped, once and in order", async () => {
    const cell = fc.constantFrom("1", "-2.5", "3e2", "?", "", "word", "1e7");
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(cell, cell, fc.constantFrom("0", "1", "?", "yes")), { maxLength: 60 }), async (rows) => {
        const lines = rows.map((row) => row.join(","));
        const loaded = await load(`x,y,label\n0,0,1\n${lines.join("\n")}\n`, { ...small, heldBack: { fraction: 0, seed: 5 } });
        expect(loaded.training.rows + loaded.skippedCount).toBe(rows.length + 1);
        expect(loaded.training.features).toHaveLength(loaded.training.rows * 2);
        expect(loaded.training.labels).toHaveLength(loaded.training.rows);
        const skippedLines = loaded.skipped.map((row) => row.line);
        expect(skippedLines).toEqual([...skippedLines].sort((a, b) => a - b));
        const isBad = ([x, y, label]: readonly string[]): boolean =>
          [x, y].some((text) => text === "word" || text === "1e7") || !/^[01]$/.test(label!);
        expect(skippedLines).toEqual(rows.flatMap((row, i) => (isBad(row) ? [i + 3] : [])));
      }),
    );
  });

  test("the split depends on the rows alone, not on line ends, quotes or the byte order mark", async () => {
    const rows = Array.from({ length: 200 }, (_, i) => [i, i * i, i % 2]);
    const plain = await load(["x,y,label", ...rows.map((row) => row.join(","))].join("\n"));
    const dressed = await load(
      `\uFEFF${["x,y,label", ...rows.map((row) => row.map((value) => `"${value}"`).join(","))].join("\r\n")}\r\n\r\n`,
    );
    expect(dressed).toEqual(plain);
    expect(plain.heldBack.rows).toBeGreaterThan(30);
    expect(plain.training.rows + plain.heldBack.rows).toBe(200);
  });

  test("all skipped rows are counted and the first 100 reasons kept", async () => {
    const loaded = await load(`x,y,label\n1,2,1\n4,4,1\n5,5,1\n${"1,2\n".repeat(250)}`);
    expect(loaded.skippedCount).toBe(250);
    expect(loaded.skipped).toHaveLength(100);
    expect(loaded.skipped[0]).toEqual({ line: 5, reason: "2 cells where 3 are expected" });
  });

  test("a wrong header, an empty file and a file without a usable row are errors", async () => {
    await expect(load("x,z,label\n1,2,1\n")).rejects.toMatchObject({
      code: "invalid-argument",
      message: expect.stringContaining('missing "y"'),
    });
    await expect(load("")).rejects.toMatchObject({ code: "invalid-argument", message: "the table has no rows" });
    await expect(load("x,y,label\n")).rejects.toMatchObject({ code: "invalid-argument", message: "the table has no rows" });
    await expect(load("x,y,label\na,1,1\n")).rejects.toMatchObject({
      code: "invalid-argument",
      message: "the table has no row to train on: 0 are held back and 1 skipped, the first on line 2 for column x: not a number",
    });
  });

  test("a file is named in its errors", async () => {
    await expect(loadTable(join(folder, "absent.csv"), small)).rejects.toMatchObject({ code: "not-found" });
    await expect(loadTable(folder, small)).rejects.toMatchObject({ code: "invalid-argument" });
    const path = join(folder, "wrong.csv");
    writeFileSync(path, "a,b\n");
    await expect(loadTable(path, small)).rejects.toMatchObject({ code: "invalid-argument", message: expect.stringContaining(path) });
  });
});

const hospitals = fileURLToPath(new URL("../../../../shared/data/heart-disease/", import.meta.url));
const hasHospitals = existsSync(hospitals);
const heart: DataSchema = {
  format: "csv",
  delimiter: ",",
  header: false,
  missing: ["?"],
  columns: [
    numeric("age", { min: 0, max: 120 }),
    { type: "categorical", name: "sex", levels: ["0", "1"] },
    { type: "categorical", name: "cp", levels: ["1", "2", "3", "4"] },
    numeric("trestbps", { min: 0, max: 300 }),
    numeric("chol", { min: 0, max: 700 }, ["0"]),
    { type: "categorical", name: "fbs", levels: ["0", "1"] },
    { type: "categorical", name: "restecg", levels: ["0", "1", "2"] },
    numeric("thalach", { min: 0, max: 250 }),
    { type: "categorical", name: "exang", levels: ["0", "1"] },
    numeric("oldpeak", { min: -5, max: 10 }),
    { type: "categorical", name: "slope", levels: ["1", "2", "3"] },
    { type: "categorical", name: "ca", levels: ["0", "1", "2", "3"] },
    { type: "categorical", name: "thal", levels: ["3", "6", "7"] },
    { type: "ignored", name: "num" },
  ],
  target: { type: "binary", column: "num", above: 0 },
  heldBack: { fraction: 0.25, seed: 1 },
};

describe("the four hospitals of the UCI Heart Disease data", () => {
  if (!hasHospitals) process.stdout.write(`the UCI tables are not tested: ${hospitals} is not there\n`);

  test.runIf(hasHospitals).each([
    ["cleveland", 164, 139],
    ["hungarian", 188, 106],
    ["switzerland", 8, 115],
    ["va", 51, 149],
  ])("%s has every row and the published label counts", async (site, negatives, positives) => {
    const { training, heldBack, skippedCount } = await loadTable(join(hospitals, `processed.${site}.data`), heart);
    const labels = [...training.labels, ...heldBack.labels];
    expect(skippedCount).toBe(0);
    expect(labels.filter((label) => label === 0)).toHaveLength(negatives);
    expect(labels.filter((label) => label === 1)).toHaveLength(positives);
    expect(training.featureCount).toBe(28);
    expect(training.features.every(Number.isFinite)).toBe(true);
    expect(heldBack.rows / labels.length).toBeGreaterThan(0.1);
  });
});
