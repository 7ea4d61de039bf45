import { FlError, fromUtf8 } from "@sotto/base";
import { canonicalJson, type Json } from "@sotto/schema";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { examplePlan } from "./example-plan.ts";
import { encodePlan, parsePlan, planDigest } from "./plan.ts";
import { parameterCount } from "./plan-parts.ts";

/** The example with the members along `path` replaced, as bytes. */
function planWith(path: readonly (string | number)[], value: Json): Uint8Array {
  const plan = JSON.parse(fromUtf8(encodePlan(examplePlan))) as Record<string | number, unknown>;
  const parent = path.slice(0, -1).reduce((node, key) => node[key] as Record<string | number, unknown>, plan);
  parent[path.at(-1)!] = value;
  return canonicalJson(plan as Json);
}

function messageOf(parse: () => unknown): string {
  try {
    parse();
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(FlError);
    return (thrown as FlError).message;
  }
  throw new Error("nothing was thrown");
}

function pathText(path: readonly (string | number)[]): string {
  return path
    .map((key) => (typeof key === "number" ? `[${key}]` : `.${key}`))
    .join("")
    .slice(1);
}

test("the example plan comes back from its bytes", () => {
  expect(parsePlan(encodePlan(examplePlan))).toEqual(examplePlan);
});

// SHA-256 of the same plan as Python's json.dumps(sort_keys=True, separators=(",", ":")) writes it.
test("the bytes of a plan, and so its digest, do not change: clients compare digests across versions", () => {
  expect(planDigest(encodePlan(examplePlan))).toBe("e166293e00d758803a1f7a5b9182e9da38833c7858e8e333d790a224cfa9d568");
});

test("a plan says how clients are drawn only when they are: without it, its bytes are those of the version before", () => {
  const { aggregation } = examplePlan;
  expect(fromUtf8(encodePlan(examplePlan))).not.toContain("samplingRate");
  expect(parsePlan(planWith(["aggregation", "samplingRate"], null))).toEqual(examplePlan);
  fc.assert(
    fc.property(fc.double({ min: Number.MIN_VALUE, max: 1, noNaN: true }), (samplingRate) => {
      const drawing = { ...examplePlan, aggregation: { ...aggregation, samplingRate } };
      expect(parsePlan(encodePlan(drawing))).toEqual(drawing);
      expect(encodePlan(drawing)).not.toEqual(encodePlan(examplePlan));
    }),
  );
});

test("the bytes do not depend on the order of members, and differ when any value does", () => {
  const { version, ...rest } = examplePlan;
  expect(encodePlan({ ...rest, version })).toEqual(encodePlan(examplePlan));
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (seed) => {
      const other = parsePlan(planWith(["training", "seed"], seed));
      expect(planDigest(encodePlan(other)) === planDigest(encodePlan(examplePlan))).toBe(seed === examplePlan.training.seed);
    }),
  );
});

const mistakes: readonly { path: readonly (string | number)[]; value: Json; named?: string }[] = [
  { path: ["version"], value: 2 },
  { path: ["task"], value: "Heart Disease" },
  { path: ["purpose"], value: "statistics" },
  { path: ["model", "layout"], value: [] },
  { path: ["model", "layout", 0, "name"], value: "" },
  { path: ["model", "layout", 1, "shape", 0], value: 0 },
  { path: ["data", "delimiter"], value: ",," },
  { path: ["data", "heldBack", "fraction"], value: 1 },
  { path: ["training", "length", "unit"], value: "minutes" },
  { path: ["training", "length", "count"], value: 0 },
  { path: ["training", "batchSize"], value: 1.5 },
  { path: ["training", "optimizer", "kind"], value: "lion" },
  { path: ["training", "optimizer", "learningRate"], value: 0 },
  { path: ["training", "optimizer", "beta1"], value: 1 },
  { path: ["training", "optimizer", "epsilon"], value: 0 },
  { path: ["training", "loss"], value: "hinge" },
  { path: ["training", "seed"], value: 2 ** 32 },
  { path: ["evaluation", "lossMax"], value: 0 },
  { path: ["evaluation", "aucBins"], value: -1 },
  { path: ["contribution", "clipNorm"], value: 0 },
  { path: ["contribution", "weightMax"], value: 0.5 },
  { path: ["contribution", "quantisationBits"], value: 7 },
  { path: ["contribution", "quantisationBits"], value: 32 },
  { path: ["aggregation", "cohortSizeMin"], value: 2 },
  { path: ["aggregation", "gamma"], value: 1 },
  { path: ["aggregation", "delta"], value: -0.1 },
  { path: ["aggregation", "samplingRate"], value: 0 },
  { path: ["aggregation", "samplingRate"], value: 1.01 },
  { path: ["privacy", "unit"], value: "client" },
  { path: ["training", "momentum"], value: 0.9, named: "training" },
  { path: ["code"], value: "require('fs')", named: "(whole)" },
];

describe("a plan is refused", () => {
  test.each(mistakes)("with $path being $value", ({ path, value, named }) => {
    const expected = named ?? pathText(path);
    const lines = messageOf(() => parsePlan(planWith(path, value))).split("\n");
    expect(lines[0]).toBe("plan has 1 mistake");
    expect(lines[1]!.startsWith(`  ${expected}: `)).toBe(true);
  });

  test("with all its mistakes named at once", () => {
    const plan = { ...examplePlan, task: "Heart Disease", purpose: "spy", evaluation: { lossMax: -1, aucBins: 0 } };
    const message = messageOf(() => parsePlan(canonicalJson(plan as unknown as Json)));
    expect(message.split("\n").map((line) => line.split(":")[0])).toEqual([
      "plan has 3 mistakes",
      "  task",
      "  purpose",
      "  evaluation.lossMax",
    ]);
  });

  test("when a member is missing", () => {
    const { contribution: _, ...rest } = examplePlan;
    expect(messageOf(() => parsePlan(canonicalJson(rest as unknown as Json)))).toContain("\n  contribution: ");
  });
});

test("a topology is carried as it is: `ml` reads it", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 8 }), (value) => {
      fc.pre(!JSON.stringify(value).includes("__proto__"));
      const topology = JSON.parse(JSON.stringify(value)) as Json;
      const plan = { ...examplePlan, model: { ...examplePlan.model, topology } };
      expect(parsePlan(encodePlan(plan)).model.topology).toEqual(topology);
    }),
  );
});

test("the parameters of a layout are the products of its shapes; a scalar is one", () => {
  expect(parameterCount(examplePlan.model.layout)).toBe(6);
  expect(
    parameterCount([
      { name: "kernel", shape: [3, 3, 1, 8] },
      { name: "scale", shape: [] },
    ]),
  ).toBe(73);
});
