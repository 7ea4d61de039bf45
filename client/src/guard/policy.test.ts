import { FlError } from "@sotto/base";
import { parseYaml } from "@sotto/schema";
import { expect, test } from "vitest";
import { defaultPolicy, policySchema } from "./policy.ts";

test("what the owner leaves out is the default of SECAGG 2.4", () => {
  expect(defaultPolicy).toMatchObject({
    minCohort: 5,
    maxDropout: 0.3,
    gamma: 0.2,
    minHonestInSum: 2,
    allowedTasks: null,
    requireSample: false,
    dpRequired: false,
  });
  expect(parseYaml(policySchema, "clipNorm: { max: 10 }", "policy").clipNorm).toEqual({ min: 1e-6, max: 10 });
});

test.each([
  ["minCohort: 2", "minCohort"],
  ["maxDropout: 1", "maxDropout"],
  ["minHonestInSum: 1", "minHonestInSum"],
  ["clipNorm: { min: 5, max: 4 }", "clipNorm: min must not be above max"],
  ["allowedTasks: [heart, No/Slash]", "allowedTasks[1]: task id"],
  ["allowedPlanDigests: [abc]", "allowedPlanDigests[0]: a digest"],
  ["minCohrt: 5", "minCohrt"],
])("a mistake is named with its path: %s", (text, named) => {
  expect(() => parseYaml(policySchema, text, "policy")).toThrow(FlError);
  expect(() => parseYaml(policySchema, text, "policy")).toThrow(named);
});
