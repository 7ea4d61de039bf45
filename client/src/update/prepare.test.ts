import { utf8 } from "@sotto/base";
import { seededRng, sha256, sha256Digest } from "@sotto/crypto";
import { contributionShapeOf } from "@sotto/protocol";
import { Accumulator, type MaskStreams, removeMasksInto } from "@sotto/secagg";
import { aggregateErrorBound, decodeSum, laneBits, toUpdate } from "@sotto/vector";
import fc from "fast-check";
import { expect, test } from "vitest";
import { testPlan } from "../testing/plan.ts";
import { prepared as prepareAtOnce } from "../testing/prepared.ts";
import type { LocalContribution, PreparedContribution } from "./prepare.ts";

const plan = testPlan();
const cohortSize = 5;
const bits = laneBits({ cohortSize, quantisationBits: plan.contribution.quantisationBits });

function masksOf(name: string): MaskStreams {
  return [
    { key: sha256(utf8(`self ${name}`)), sign: 1 },
    { key: sha256(utf8(`pair ${name}`)), sign: -1 },
  ];
}

function contribution(values: readonly number[], weight = 100): LocalContribution {
  const metrics = { rows: 10, lossSum: 5, correct: 8, positives: [], negatives: [] };
  return { update: toUpdate(Float32Array.from(values)), weight, metrics };
}

function prepare(values: readonly number[], name = "a"): PreparedContribution {
  const rng = seededRng(sha256(utf8(`rounding ${name}`)));
  return prepareAtOnce(contribution(values), { plan, cohortSize }, { masks: masksOf(name), rng });
}

/** What the coordinator reads once the masks are gone. */
function decode(prepared: readonly PreparedContribution[], masks: MaskStreams): ReturnType<typeof decodeSum> {
  const shape = contributionShapeOf(plan);
  const sum = new Accumulator({ laneCount: shape.laneCount, bits });
  for (const { packed } of prepared) sum.add(packed);
  const unmasked = removeMasksInto(sum.sum(), masks, bits);
  return decodeSum({ sum: unmasked, rule: plan.contribution, shape, bits, survivors: prepared.length });
}

test("once its masks are removed, a contribution reads as the update it was made of, within the stated bound", () => {
  const part = fc.double({ min: -0.49, max: 0.49, noNaN: true });
  fc.assert(
    fc.property(fc.tuple(part, part, part, part), (values) => {
      const decoded = decode([prepare(values)], masksOf("a"));
      if (decoded.kind === "refused") throw new Error(decoded.refusal.message);
      const bound = aggregateErrorBound({ rule: plan.contribution, survivors: 1, weight: 100 }) + 1e-7;
      for (const [i, value] of decoded.value.updateMean!.entries()) expect(Math.abs(value - values[i]!)).toBeLessThanOrEqual(bound);
      expect(decoded.value.scalars[0]).toBe(10);
    }),
  );
});

test("an update above the clip norm is clipped to it before anything else", () => {
  const decoded = decode([prepare([30, 40, 0, 0])], masksOf("a"));
  if (decoded.kind === "refused") throw new Error(decoded.refusal.message);
  const [first, second] = decoded.value.updateMean!;
  expect(first).toBeCloseTo(0.6, 2);
  expect(second).toBeCloseTo(0.8, 2);
});

test("without its masks a contribution says nothing: two updates under the same masks differ, under others they are unrelated", () => {
  expect(prepare([0, 0, 0, 0]).packed).not.toEqual(prepare([0, 0, 0, 0], "b").packed);
  expect(decode([prepare([0, 0, 0, 0])], masksOf("b")).kind).toBe("refused");
});

test("rows above the plan's cap count as the cap", () => {
  const sum = [
    prepareAtOnce(
      contribution([0.1, 0, 0, 0], 5_000),
      { plan, cohortSize },
      { masks: masksOf("a"), rng: seededRng(sha256(utf8("rounding"))) },
    ),
  ];
  const decoded = decode(sum, masksOf("a"));
  if (decoded.kind === "refused") throw new Error(decoded.refusal.message);
  expect(decoded.value.weight).toBeCloseTo(plan.contribution.weightMax, 3);
});

test("the digest is of the packed bytes, and the contribution is left as it was", () => {
  const values = [30, 40, 0, 0];
  const given = contribution(values);
  const rng = seededRng(sha256(utf8("rounding")));
  const prepared = prepareAtOnce(given, { plan, cohortSize }, { masks: masksOf("a"), rng });
  expect(prepared.digest).toBe(sha256Digest(prepared.packed));
  expect([...given.update!]).toEqual(values);
});
