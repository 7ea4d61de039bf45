import type { DataSchema } from "@sotto/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createRowEncoder, type EncodedRow } from "./row-encoder.ts";

const data: DataSchema = {
  format: "csv",
  delimiter: ",",
  header: false,
  missing: ["?", "NA"],
  columns: [
    { type: "numeric", name: "age", mean: 50, deviation: 10, imputed: 55, min: 0, max: 120, missing: ["-9"] },
    { type: "categorical", name: "pain", levels: ["1", "2", "typical"] },
    { type: "ignored", name: "note" },
    { type: "ignored", name: "num" },
  ],
  target: { type: "binary", column: "num", above: 0 },
  heldBack: { fraction: 0, seed: 1 },
};

function encode(cells: readonly string[], schema: DataSchema = data): { row: EncodedRow; features: number[] } {
  const encoder = createRowEncoder(schema);
  const features = new Float32Array(encoder.featureCount);
  const row = encoder.encodeInto(features, cells);
  return { row, features: [...features] };
}

const withTarget = (target: DataSchema["target"]): DataSchema => ({ ...data, target });

describe("a row as model inputs", () => {
  test("numbers are scaled, levels are one-hot, the ignored column is not there", () => {
    expect(encode(["60", "2", "anything", "3"])).toEqual({ row: { kind: "row", label: 1 }, features: [1, 0, 1, 0] });
    expect(encode(["-9", "?", "", "0"])).toEqual({ row: { kind: "row", label: 0 }, features: [0.5, 0, 0, 0] });
    expect(encode(["", "", "", "0"]).features).toEqual([0.5, 0, 0, 0]);
  });

  test("a level and a mark match by text, or by value when both are numbers", () => {
    expect(encode(["60.0", "1.0", "", "0"]).features).toEqual([1, 1, 0, 0]);
    expect(encode(["-9.0", "typical", "", "0"]).features).toEqual([0.5, 0, 0, 1]);
    expect(encode(["60", "Typical", "", "0"]).row.kind).toBe("skipped");
  });

  test.each([
    [["60", "1", "x"], "3 cells where 4 are expected"],
    [["sixty", "1", "x", "0"], "column age: not a number"],
    [["0x10", "1", "x", "0"], "column age: not a number"],
    [["Infinity", "1", "x", "0"], "column age: not a number"],
    [["1e999", "1", "x", "0"], "column age: not a number"],
    [["121", "1", "x", "0"], "column age: outside 0 to 120"],
    [["60", "4", "x", "0"], "column pain: none of its 3 levels"],
    [["60", "1", "x", "NA"], "target num: missing"],
    [["60", "1", "x", "ill"], "target num: not a number"],
  ])("%j is skipped for a reason", (cells, reason) => {
    expect(encode(cells).row).toEqual({ kind: "skipped", reason });
  });

  test("a class target is an index and a number target is scaled", () => {
    const classes = withTarget({ type: "class", column: "num", levels: ["0", "2", "high"] });
    expect(encode(["60", "1", "", "2.0"], classes).row).toEqual({ kind: "row", label: 1 });
    expect(encode(["60", "1", "", "5"], classes).row).toEqual({ kind: "skipped", reason: "target num: none of its 3 levels" });
    const numbers = withTarget({ type: "number", column: "num", mean: 10, deviation: 4 });
    expect(encode(["60", "1", "", "12"], numbers).row).toEqual({ kind: "row", label: 0.5 });
    expect(encode(["60", "1", "", "1e200"], numbers).row.kind).toBe("skipped");
  });

  test("any number within the bounds comes back from its input, and any cells give a row or a reason without them", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 120, noNaN: true }), (age) => {
        const { features } = encode([String(age), "1", "", "0"]);
        expect(Math.abs(features[0]! * 10 + 50 - age)).toBeLessThan(1e-4);
      }),
    );
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-z#%&]{9,12}$/), { maxLength: 6 }), (cells) => {
        const { row } = encode(cells);
        expect(row.kind).toBe("skipped");
        for (const cell of cells) expect(JSON.stringify(row)).not.toContain(cell);
      }),
    );
  });
});
