import type { Rng } from "@sotto/base";
import fc from "fast-check";
import { expect, test } from "vitest";
import { clipUpdate } from "./clip.ts";
import { aggregateErrorBound } from "./error-bound.ts";
import { decodeSum, encodeContribution } from "./fixed-point.ts";
import { createLanes, laneBits } from "./lanes.ts";
import { addInto } from "./ring.ts";
import { type ContributionRule, contributionShape } from "./shape.ts";
import { type ClippedUpdate, toUpdate, type UnmaskedSum } from "./stages.ts";

const parameterCount = 5;
const shape = contributionShape({ parameterCount, scalarCount: 0 });

interface Client {
  readonly update: ClippedUpdate;
  readonly weight: number;
  readonly rng: Rng;
}

test("16 bits, 100 clients of full weight and clip norm 1 are within 100 * (1 / 32767 + 2^-30) / 100", () => {
  const rule = { clipNorm: 1, weightMax: 50, quantisationBits: 16 };
  expect(aggregateErrorBound({ rule, survivors: 100, weight: 5000 })).toBeCloseTo(3.0519e-5, 8);
});

test("the decoded mean is within the bound of the float64 weighted mean, whatever is drawn and however extreme the updates", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 8, max: 30 }),
      fc.constantFrom(1e-3, 0.7, 1, 25, 1e6),
      fc.constantFrom(1, 3, 1000, 2 ** 30),
      fc.array(clientRecipe(), { minLength: 1, maxLength: 12 }),
      (quantisationBits, clipNorm, weightMax, recipes) => {
        fc.pre(recipes.length * (2 ** (quantisationBits - 1) - 1) < 2 ** 31);
        const rule = { clipNorm, weightMax, quantisationBits };
        const clients = recipes.map((recipe) => clientOf(recipe, rule));
        const { mean, weight } = decodedMean(clients, rule);
        const bound = aggregateErrorBound({ rule, survivors: clients.length, weight });
        floatMean(clients).forEach((exact, i) => {
          expect(Math.abs(mean[i]! - exact)).toBeLessThanOrEqual(bound);
        });
      },
    ),
    { numRuns: 2000 },
  );
});

function decodedMean(clients: readonly Client[], rule: ContributionRule): { mean: Float64Array; weight: number } {
  const bits = laneBits({ cohortSize: clients.length, quantisationBits: rule.quantisationBits });
  const sum = createLanes({ laneCount: shape.laneCount, bits });
  for (const client of clients) addInto(sum, encodeContribution({ ...client, scalars: [], rule, shape, bits }));
  const outcome = decodeSum({ sum: sum as UnmaskedSum, rule, shape, bits, survivors: clients.length });
  if (outcome.kind === "refused") throw new Error(outcome.refusal.message);
  return { mean: outcome.value.updateMean!, weight: outcome.value.weight };
}

function floatMean(clients: readonly Client[]): number[] {
  const weights = clients.map((client) => client.weight);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return Array.from(
    { length: parameterCount },
    (_, i) => clients.reduce((sum, client, c) => sum + client.update[i]! * weights[c]!, 0) / total,
  );
}

interface Recipe {
  readonly kind: "one coordinate at the norm" | "all equal" | "zero" | "random";
  readonly values: readonly number[];
  readonly share: number;
  readonly random: Uint8Array;
}

function clientRecipe(): fc.Arbitrary<Recipe> {
  const size = 4 * parameterCount;
  return fc.record({
    kind: fc.constantFrom("one coordinate at the norm", "all equal", "zero", "random"),
    values: fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: parameterCount, maxLength: parameterCount }),
    share: fc.constantFrom(1e-12, 1e-3, 1 / 3, 0.5, 1 - 2 ** -53, 1),
    random: fc.oneof(
      fc.constant(new Uint8Array(size)),
      fc.constant(new Uint8Array(size).fill(255)),
      fc.uint8Array({ minLength: size, maxLength: size }),
    ),
  });
}

function clientOf({ kind, values, share, random }: Recipe, { clipNorm, weightMax }: ContributionRule): Client {
  const sign = Math.sign(values[0]!) || 1;
  const raw = {
    "one coordinate at the norm": values.map((_, i) => (i === 0 ? sign * clipNorm * 3 : 0)),
    "all equal": values.map(() => sign * clipNorm),
    zero: values.map(() => 0),
    random: values.map((value) => value * clipNorm),
  }[kind];
  const update = clipUpdate(toUpdate(Float32Array.from(raw)), clipNorm);
  return { update, weight: share * weightMax, rng: { bytes: (length) => random.slice(0, length) } };
}
