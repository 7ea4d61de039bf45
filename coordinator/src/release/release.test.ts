import { createServerOptimizer } from "@sotto/aggregation";
import { parseTaskId } from "@sotto/base";
import { seededRng } from "@sotto/crypto";
import { contributionShapeOf, type LocalMetrics, scalarsOf } from "@sotto/protocol";
import {
  addInto,
  aggregateErrorBound,
  clipUpdate,
  createLanes,
  encodeContribution,
  laneBits,
  toModelVector,
  toUpdate,
  type UnmaskedSum,
} from "@sotto/vector";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { plansOf } from "../task/plan.ts";
import { tinySpec } from "../testing/tiny-task.ts";
import { type ReleaseInput, release } from "./release.ts";

const spec = tinySpec();
const { train, evaluate } = plansOf(spec, parseTaskId("tiny"));

interface Contributor {
  readonly update: readonly number[];
  readonly weight: number;
}

const metrics: LocalMetrics = { rows: 20, lossSum: 8, correct: 15, positives: [], negatives: [] };

/** The sum of what these contribute, as the masks leave it. */
function inputOf(contributors: readonly Contributor[], plan = train.plan): ReleaseInput {
  const shape = contributionShapeOf(plan);
  const rng = seededRng(new Uint8Array(32));
  const bits = laneBits({ cohortSize: Math.max(1, contributors.length), quantisationBits: plan.contribution.quantisationBits });
  const lanes = createLanes({ laneCount: shape.laneCount, bits });
  for (const { update, weight } of contributors) {
    const clipped = shape.parameterCount === 0 ? null : clipUpdate(toUpdate(Float32Array.from(update)), plan.contribution.clipNorm);
    const scalars = scalarsOf(plan, metrics);
    addInto(lanes, encodeContribution({ update: clipped, weight, scalars, rule: plan.contribution, shape, bits, rng }));
  }
  const mask = bits === 32 ? -1 : 2 ** bits - 1;
  for (let lane = 0; lane < lanes.length; lane++) lanes[lane]! &= mask;
  return {
    sum: lanes as UnmaskedSum,
    plan,
    shape,
    bits,
    survivors: contributors.length,
    survivorsMin: 3,
    serverOptimizer: spec.serverOptimizer,
    optimizerState: createServerOptimizer(spec.serverOptimizer).init(shape.parameterCount),
    model: toModelVector(Float32Array.of(1, 2, 3)),
  };
}

test("three clients of weight 100, 200 and 300 move the model by their weighted mean", () => {
  const input = inputOf([
    { update: [0.1, 0, -0.2], weight: 100 },
    { update: [0.1, 0.3, -0.2], weight: 200 },
    { update: [0.1, 0, 0.4], weight: 300 },
  ]);
  const released = release(input);
  expect(released).toMatchObject({ kind: "ok", value: { metrics: { rows: 60, accuracy: 0.75 } } });
  if (released.kind === "refused") return;
  expect(released.value.weight).toBeCloseTo(600, 3);
  expect(released.value.metrics?.loss).toBeCloseTo(0.4, 6);
  [1.1, 2.1, 3.1].forEach((value, i) => {
    expect(released.value.model[i]).toBeCloseTo(value, 3);
  });
  expect([...input.model]).toEqual([1, 2, 3]);
});

test("the released model is within the stated bound of the float64 weighted mean", () => {
  const contributor = fc.record({
    update: fc.array(fc.double({ min: -0.5, max: 0.5, noNaN: true }), { minLength: 3, maxLength: 3 }),
    weight: fc.integer({ min: 1, max: 1_000 }),
  });
  fc.assert(
    fc.property(fc.array(contributor, { minLength: 3, maxLength: 8 }), (contributors) => {
      const input = inputOf(contributors);
      const released = release(input);
      expect(released.kind).toBe("ok");
      if (released.kind === "refused") return;
      const total = contributors.reduce((sum, { weight }) => sum + weight, 0);
      const bound = aggregateErrorBound({ rule: spec.contribution, survivors: contributors.length, weight: released.value.weight });
      released.value.model.forEach((value, i) => {
        const mean = contributors.reduce((sum, { update, weight }) => sum + Math.fround(update[i]!) * weight, 0) / total;
        expect(Math.abs(value - (input.model[i]! + mean))).toBeLessThanOrEqual(bound + 1e-6);
      });
    }),
  );
});

test("a sum without updates leaves the model as it is and gives its metrics", () => {
  const input = inputOf(
    Array.from({ length: 4 }, () => ({ update: [], weight: 5 })),
    evaluate.plan,
  );
  const released = release(input);
  expect(released).toMatchObject({ kind: "ok", value: { metrics: { rows: 80, accuracy: 0.75 } } });
  if (released.kind === "ok") expect(released.value.model).toBe(input.model);
});

describe("refuses", () => {
  const three = Array.from({ length: 3 }, () => ({ update: [0.1, 0.1, 0.1], weight: 10 }));

  test("a sum over nobody", () => {
    expect(release(inputOf([]))).toMatchObject({ kind: "refused", refusal: { code: "empty-sum" } });
  });

  test("a sum over fewer than the minimum", () => {
    expect(release({ ...inputOf(three), survivorsMin: 4 })).toMatchObject({ refusal: { code: "too-few-survivors" } });
  });

  test("a sum that no honest clients can have made", () => {
    const input = inputOf(three);
    for (let lane = 0; lane < input.sum.length; lane++) input.sum[lane]! ^= 1 << (input.bits - 2);
    expect(release(input)).toMatchObject({ refusal: { code: "implausible-sum" } });
  });

  test("a model that leaves float32", () => {
    const model = toModelVector(Float32Array.of(3.4e38, 3.4e38, 3.4e38));
    const huge = { kind: "sgd", learningRate: 1e38, momentum: 0 } as const;
    expect(release({ ...inputOf(three), model, serverOptimizer: huge })).toMatchObject({ refusal: { code: "model-not-finite" } });
  });
});
