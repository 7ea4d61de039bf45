import type { Table } from "@sotto/ml";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { joinTables, meanQuality } from "./baselines.ts";

const tableOf = (featureCount: number, rows: readonly number[]): Table => ({
  features: Float32Array.from(rows.flatMap((row) => Array.from({ length: featureCount }, (_, i) => row * 10 + i))),
  labels: Float32Array.from(rows, (row) => row % 2),
  rows: rows.length,
  featureCount,
});

describe("baselines", () => {
  test("joined tables are the table of all rows", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }),
        fc.array(fc.array(fc.nat({ max: 1000 })), { minLength: 1, maxLength: 5 }),
        (featureCount, tables) => {
          expect(joinTables(tables.map((rows) => tableOf(featureCount, rows)))).toEqual(tableOf(featureCount, tables.flat()));
        },
      ),
    );
    expect(() => joinTables([tableOf(2, [1]), tableOf(3, [1])])).toThrow(/2 and 3 inputs/);
  });

  test("a mean of clients has an AUC only when all have one", () => {
    const [some, none] = [
      { accuracy: 0.5, auc: 0.7 },
      { accuracy: 1, auc: null },
    ];
    expect(meanQuality([some, { accuracy: 0.7, auc: 0.9 }])).toEqual({ accuracy: 0.6, auc: 0.8 });
    expect(meanQuality([some, none])).toEqual({ accuracy: 0.75, auc: null });
  });
});
