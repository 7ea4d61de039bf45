import { parseWith } from "@sotto/schema";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ColumnRule, type DataSchema, dataSchema, featureCount, type TargetRule } from "./data-schema.ts";
import { examplePlan } from "./example-plan.ts";

const data = examplePlan.data;

function numeric(name: string): ColumnRule {
  return { type: "numeric", name, mean: 0, deviation: 1, imputed: 0, min: -5, max: 5, missing: [] };
}

function parse(value: DataSchema): DataSchema {
  return parseWith(dataSchema, value, "data");
}

test.each<TargetRule>([
  { type: "binary", column: "disease", above: 0 },
  { type: "class", column: "disease", levels: ["0", "1", "2"] },
  { type: "number", column: "disease", mean: 1, deviation: 2 },
])("a schema with a $type target is read as it is", (target) => {
  expect(parse({ ...data, target })).toEqual({ ...data, target });
});

test("a numeric column makes one input, a categorical one as many as it has levels, an ignored one none", () => {
  expect(featureCount(data)).toBe(5);
  fc.assert(
    fc.property(fc.nat(9), fc.array(fc.integer({ min: 1, max: 9 })), fc.nat(9), (numerics, levelCounts, ignored) => {
      const columns: ColumnRule[] = [
        ...Array.from({ length: numerics }, (_, i) => numeric(`n${i}`)),
        ...levelCounts.map(
          (count, i): ColumnRule => ({ type: "categorical", name: `c${i}`, levels: Array.from({ length: count }, String) }),
        ),
        ...Array.from({ length: ignored }, (_, i): ColumnRule => ({ type: "ignored", name: `i${i}` })),
      ];
      expect(featureCount({ ...data, columns })).toBe(numerics + levelCounts.reduce((sum, count) => sum + count, 0));
    }),
  );
});

describe("a schema is refused, with the path named,", () => {
  const target: ColumnRule = { type: "ignored", name: "disease" };
  const wrong: readonly { because: string; data: DataSchema; line: string }[] = [
    {
      because: "when two columns have one name",
      data: { ...data, columns: [numeric("age"), target, numeric("age")] },
      line: 'columns[2].name: column "age" is named twice',
    },
    {
      because: "when a numeric column's bounds are not in order",
      data: { ...data, columns: [{ ...numeric("age"), min: 5 } as ColumnRule, target] },
      line: "columns[0]: min 5 must be below max 5",
    },
    {
      because: "when a column lists a level twice",
      data: { ...data, columns: [{ type: "categorical", name: "pain", levels: ["a", "b", "a"] }, target] },
      line: "columns[0].levels[2]: the level is listed twice",
    },
    {
      because: "when the target lists a level twice",
      data: { ...data, target: { type: "class", column: "disease", levels: ["0", "0"] } },
      line: "target.levels[1]: the level is listed twice",
    },
    {
      because: "when no column is the target",
      data: { ...data, columns: [numeric("age"), numeric("pressure")] },
      line: 'target.column: target "disease" must be one of the columns, of type "ignored"',
    },
    {
      because: "when the target is among the inputs",
      data: { ...data, columns: [numeric("age"), numeric("disease")] },
      line: 'target.column: target "disease" must be one of the columns, of type "ignored"',
    },
  ];

  test.each(wrong)("$because", ({ data: value, line }) => {
    expect(() => parse(value)).toThrow(`data has 1 mistake\n  ${line}`);
  });

  test("when a deviation is not positive, a level is empty, or a member is unknown", () => {
    const columns = [
      { ...numeric("age"), deviation: 0 },
      { type: "categorical", name: "pain", levels: [""] },
      { ...target, rename: "x" },
    ];
    expect(() => parse({ ...data, columns: columns as ColumnRule[] })).toThrow(
      /^data has 3 mistakes\n {2}columns\[0\]\.deviation: .*\n {2}columns\[1\]\.levels\[0\]: .*\n {2}columns\[2\]: .*"rename"/,
    );
  });

  test("with every one of its contradictions at once", () => {
    const columns = [{ ...numeric("age"), max: -6 } as ColumnRule, numeric("age")];
    expect(() => parse({ ...data, columns })).toThrow(/^data has 3 mistakes/);
  });
});
