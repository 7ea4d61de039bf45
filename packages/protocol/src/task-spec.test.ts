import { fromUtf8 } from "@sotto/base";
import { canonicalJson, type Json } from "@sotto/schema";
import { describe, expect, test } from "vitest";
import { tinyPlan, tinyTaskSpec } from "./contract/tiny-task.ts";
import { examplePlan, exampleTaskSpec } from "./example-plan.ts";
import { encodePlan, parsePlan } from "./plan.ts";
import { encodeTaskSpec, parseTaskSpec, type TaskSpec } from "./task-spec.ts";

function parse(spec: object): TaskSpec {
  return parseTaskSpec(canonicalJson(spec as Json));
}

test("the example task comes back from its bytes, and those do not depend on the order of members", () => {
  expect(parseTaskSpec(encodeTaskSpec(exampleTaskSpec))).toEqual(exampleTaskSpec);
  const { version, name, ...rest } = exampleTaskSpec;
  expect(encodeTaskSpec({ ...rest, name, version })).toEqual(encodeTaskSpec(exampleTaskSpec));
});

test("the tiny task and its plan come back from their bytes", () => {
  expect(parseTaskSpec(encodeTaskSpec(tinyTaskSpec))).toEqual(tinyTaskSpec);
  expect(parsePlan(encodePlan(tinyPlan))).toEqual(tinyPlan);
});

test("a task holds every part of its plan: with an id and a purpose it is one", () => {
  const { name: _n, rounds: _r, cohort: _c, serverOptimizer: _s, whenAbandoned: _w, abandonedMax: _a, ...parts } = exampleTaskSpec;
  const plan = { ...parts, task: examplePlan.task, purpose: examplePlan.purpose };
  expect(fromUtf8(encodePlan(plan))).toBe(fromUtf8(encodePlan(examplePlan)));
  expect(parsePlan(encodePlan(plan))).toEqual(examplePlan);
});

test.each<TaskSpec["serverOptimizer"]>([
  { kind: "sgd", learningRate: 1, momentum: 0 },
  { kind: "sgd", learningRate: 0.5, momentum: 0.9 },
  { kind: "adagrad", learningRate: 0.1, beta1: 0, beta2: 0, tau: 0.001 },
  { kind: "adam", learningRate: 0.1, beta1: 0.9, beta2: 0.99, tau: 0.001 },
])("$kind is a server optimizer", (serverOptimizer) => {
  expect(parse({ ...exampleTaskSpec, serverOptimizer }).serverOptimizer).toEqual(serverOptimizer);
});

describe("a task is refused, with the path named,", () => {
  const { cohort } = exampleTaskSpec;
  const wrong: readonly { because: string; part: object; path: string }[] = [
    { because: "without a name", part: { name: "" }, path: "name" },
    { because: "of no rounds", part: { rounds: 0 }, path: "rounds" },
    { because: "of another version", part: { version: 2 }, path: "version" },
    {
      because: "with fewer clients than its protection needs",
      part: { aggregation: { cohortSizeMin: 4, gamma: 0, delta: 0.3 } },
      path: "cohort.count.min",
    },
    {
      because: "with more clients than 30 bits have lanes for",
      part: {
        contribution: { clipNorm: 1, weightMax: 1, quantisationBits: 30 },
        cohort: { ...cohort, count: { min: 3, goal: 5, max: 5 } },
      },
      path: "contribution.quantisationBits",
    },
    {
      because: "with more clients than any session has",
      part: {
        contribution: { clipNorm: 1, weightMax: 1, quantisationBits: 16 },
        cohort: { ...cohort, count: { min: 3, goal: 10_001, max: 10_001 } },
      },
      path: "cohort.count.max",
    },
    {
      because: "with a large cohort of which no quorum is left",
      part: { aggregation: { cohortSizeMin: 3, gamma: 0.5, delta: 0.25 }, cohort: { ...cohort, count: { min: 3, goal: 200, max: 200 } } },
      path: "aggregation.delta",
    },
    {
      because: "with a loss that does not fit its target",
      part: { training: { ...exampleTaskSpec.training, loss: "meanSquaredError" } },
      path: "training.loss",
    },
    { because: "with a goal below its minimum", part: { cohort: { ...cohort, count: { min: 4, goal: 3, max: 5 } } }, path: "cohort.count" },
    { because: "with a goal above its maximum", part: { cohort: { ...cohort, count: { min: 3, goal: 6, max: 5 } } }, path: "cohort.count" },
    {
      because: "with a phase that must end before it may",
      part: { cohort: { ...cohort, protocol: { minMs: 2, maxMs: 1 } } },
      path: "cohort.protocol",
    },
    {
      because: "with a phase of eight days",
      part: { cohort: { ...cohort, selecting: { minMs: 0, maxMs: 691_200_000 } } },
      path: "cohort.selecting.maxMs",
    },
    {
      because: "with an unknown server optimizer",
      part: { serverOptimizer: { kind: "lamb", learningRate: 1 } },
      path: "serverOptimizer.kind",
    },
    {
      because: "with a server optimizer of rate 0",
      part: { serverOptimizer: { kind: "sgd", learningRate: 0, momentum: 0 } },
      path: "serverOptimizer.learningRate",
    },
    {
      because: "with a tau of 0, which could divide by 0",
      part: { serverOptimizer: { ...exampleTaskSpec.serverOptimizer, tau: 0 } },
      path: "serverOptimizer.tau",
    },
    {
      because: "with momentum for an adaptive optimizer",
      part: { serverOptimizer: { ...exampleTaskSpec.serverOptimizer, momentum: 0 } },
      path: "serverOptimizer",
    },
    { because: "that does not say what an abandoned round means", part: { whenAbandoned: "retry" }, path: "whenAbandoned" },
    { because: "that never gives up", part: { abandonedMax: 0 }, path: "abandonedMax" },
    {
      because: "with a part of its plan wrong",
      part: { contribution: { ...examplePlan.contribution, clipNorm: -1 } },
      path: "contribution.clipNorm",
    },
    { because: "with an id of its own: the coordinator gives it one", part: { task: "mine" }, path: "(whole)" },
  ];

  test.each(wrong)("$because", ({ part, path }) => {
    expect(() => parse({ ...exampleTaskSpec, ...part })).toThrow(`task has 1 mistake\n  ${path}: `);
  });

  test("with all its mistakes at once", () => {
    expect(() => parse({ ...exampleTaskSpec, name: "", rounds: -1, abandonedMax: "many" })).toThrow(
      /^task has 3 mistakes\n {2}name: .*\n {2}rounds: .*\n {2}abandonedMax: /,
    );
  });
});
