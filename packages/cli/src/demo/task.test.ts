import { encodeTaskSpec, parseTaskSpec } from "@sotto/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import { heartDiseaseSchema } from "./heart-disease.ts";
import { hospitalSchema } from "./hospitals.ts";
import { heartDiseaseRecipe, hospitalRecipe } from "./recipe.ts";
import { demoTaskSpec } from "./task.ts";

const layout = [
  { name: "hidden/kernel", shape: [28, 16] },
  { name: "hidden/bias", shape: [16] },
];

test("whatever is asked for, the task is one a coordinator accepts and asks every client", () => {
  fc.assert(
    fc.property(
      fc.record({
        clients: fc.integer({ min: 3, max: 128 }),
        rounds: fc.integer({ min: 1, max: 1000 }),
        seed: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
      }),
      fc.constantFrom(heartDiseaseSchema, hospitalSchema),
      fc.constantFrom(heartDiseaseRecipe, hospitalRecipe),
      (asked, schemaOf, recipe) => {
        const spec = demoTaskSpec({ ...asked, name: "demo", data: schemaOf(asked.seed), recipe, layout });
        expect(parseTaskSpec(encodeTaskSpec(spec))).toEqual(spec);
        expect(spec.cohort.count).toEqual({ min: 3, goal: asked.clients, max: asked.clients });
      },
    ),
  );
});
