import type { Rng } from "@sotto/base";
import { addInto, createLanes, decodeSum, encodeContribution, laneBits, scalarMax, type UnmaskedSum } from "@sotto/vector";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { contributionShapeOf, metricsOf, scalarCountOf, scalarsOf } from "./contribution.ts";
import type { TargetRule } from "./data-schema.ts";
import { examplePlan } from "./example-plan.ts";
import type { LocalMetrics } from "./metrics.ts";
import type { Plan } from "./plan.ts";

const most = scalarMax(16);

function planWith(parts: { bits?: number; aucBins?: number; target?: TargetRule; purpose?: Plan["purpose"] }): Plan {
  return {
    ...examplePlan,
    purpose: parts.purpose ?? "train",
    data: { ...examplePlan.data, target: parts.target ?? examplePlan.data.target },
    evaluation: { lossMax: 8, aucBins: parts.aucBins ?? 4 },
    contribution: { ...examplePlan.contribution, quantisationBits: parts.bits ?? 16 },
  };
}

const classTarget: TargetRule = { type: "class", column: "disease", levels: ["0", "1", "2"] };
const numberTarget: TargetRule = { type: "number", column: "disease", mean: 0, deviation: 1 };

describe("the scalars of a contribution", () => {
  test("are rows, whole loss units, the rest, correct, positives by bin, negatives by bin", () => {
    // A unit of loss is lossMax = 8: 20 is two units and a half.
    const metrics = { rows: 10, lossSum: 20, correct: 7, positives: [0, 1, 1, 2], negatives: [3, 2, 1, 0] };
    expect(scalarsOf(examplePlan, metrics)).toEqual([10, 2, Math.round(most / 2), 7, 0, 1, 1, 2, 3, 2, 1, 0]);
    expect(scalarCountOf(examplePlan)).toBe(12);
  });

  test("hold no bins unless the target is binary", () => {
    for (const target of [classTarget, numberTarget]) {
      const plan = planWith({ target });
      expect(scalarCountOf(plan)).toBe(4);
      expect(scalarsOf(plan, { rows: 2, lossSum: 8, correct: 1, positives: [], negatives: [] })).toEqual([2, 1, 0, 1]);
    }
    expect(scalarCountOf(planWith({ aucBins: 0 }))).toBe(4);
  });

  test("of a client with more rows than a scalar holds are in proportion", () => {
    const plan = planWith({ bits: 8, aucBins: 1 });
    const scalars = scalarsOf(plan, { rows: 100_000, lossSum: 400_000, correct: 75_000, positives: [25_000], negatives: [75_000] });
    expect(Math.max(...scalars)).toBe(16_383);
    const metrics = metricsOf(plan, scalars)!;
    expect(metrics.rows).toBe(16_383);
    expect(metrics.accuracy).toBeCloseTo(0.75, 4);
    expect(metrics.loss).toBeCloseTo(4, 4);
  });

  test("count a loss above lossMax a row as lossMax a row", () => {
    const scalars = scalarsOf(planWith({ aucBins: 0 }), { rows: 3, lossSum: 24.000001, correct: 0, positives: [], negatives: [] });
    expect(scalars).toEqual([3, 3, 0, 0]);
  });

  test.each<Partial<LocalMetrics>>([
    { rows: -1 },
    { lossSum: Number.NaN },
    { correct: Number.POSITIVE_INFINITY },
    { positives: [0, 0, -1, 0] },
    { negatives: [Number.NaN, 0, 0, 0] },
  ])("cannot be made of %j", (part) => {
    const metrics = { rows: 1, lossSum: 1, correct: 1, positives: [0, 0, 0, 1], negatives: [0, 0, 0, 0], ...part };
    expect(() => scalarsOf(examplePlan, metrics)).toThrow("every local metric must be finite and at least 0");
  });

  test("cannot be made of another number of bins", () => {
    const metrics = { rows: 1, lossSum: 1, correct: 1, positives: [1], negatives: [0, 0, 0, 0] };
    expect(() => scalarsOf(examplePlan, metrics)).toThrow("1 score bins must be the plan's 4");
  });
});

describe("the shape of a contribution", () => {
  test("to a training plan holds the update, the weight and the scalars", () => {
    expect(contributionShapeOf(examplePlan)).toEqual({ parameterCount: 6, scalarCount: 12, laneCount: 6 + 2 * 13 });
  });

  test("to an evaluating plan holds no update", () => {
    expect(contributionShapeOf(planWith({ purpose: "evaluate" }))).toEqual({ parameterCount: 0, scalarCount: 12, laneCount: 26 });
  });
});

describe("the area under the curve", () => {
  const bins = fc.array(fc.nat(50), { minLength: 4, maxLength: 4 });

  test.each([
    { positives: [0, 0, 2, 2], negatives: [2, 2, 0, 0], auc: 1 },
    { positives: [2, 2, 0, 0], negatives: [0, 0, 2, 2], auc: 0 },
    { positives: [0, 5, 0, 0], negatives: [0, 9, 0, 0], auc: 1 / 2 },
    // Scores .8 and .4 against .6 and .2: three of four pairs are in order.
    { positives: [0, 1, 0, 1], negatives: [1, 0, 1, 0], auc: 3 / 4 },
    // One tie among four pairs.
    { positives: [0, 1, 0, 1], negatives: [1, 1, 0, 0], auc: 7 / 8 },
    { positives: [0, 0, 0, 0], negatives: [1, 1, 0, 0], auc: null },
    { positives: [1, 0, 0, 0], negatives: [0, 0, 0, 0], auc: null },
  ])("of positives $positives and negatives $negatives is $auc", ({ positives, negatives, auc }) => {
    expect(aucOf(positives, negatives)).toBe(auc);
  });

  test("is exactly the share of pairs in order, ties counting half", () => {
    fc.assert(
      fc.property(bins, bins, (positives, negatives) => {
        const twice = positives.flatMap((p, i) => negatives.map((n, j) => p * n * (i > j ? 2 : i === j ? 1 : 0))).reduce((a, b) => a + b);
        const pairs = total(positives) * total(negatives);
        expect(aucOf(positives, negatives)).toBe(pairs === 0 ? null : twice / (2 * pairs));
      }),
    );
  });

  test("is the area under the ROC curve by trapezoids", () => {
    fc.assert(
      fc.property(bins, bins, (positives, negatives) => {
        fc.pre(total(positives) > 0 && total(negatives) > 0);
        let [area, right, up] = [0, 0, 0];
        for (let bin = 3; bin >= 0; bin--) {
          const [width, rise] = [negatives[bin]! / total(negatives), positives[bin]! / total(positives)];
          area += width * (up + rise / 2);
          [right, up] = [right + width, up + rise];
        }
        expect(right).toBeCloseTo(1, 12);
        expect(aucOf(positives, negatives)).toBeCloseTo(area, 12);
      }),
    );
  });

  function aucOf(positives: readonly number[], negatives: readonly number[]): number | null {
    const rows = total(positives) + total(negatives);
    return metricsOf(examplePlan, [Math.max(rows, 1), 0, 0, 0, ...positives, ...negatives])!.auc;
  }
});

describe("metrics of the survivors", () => {
  test("are null over no rows", () => {
    expect(metricsOf(examplePlan, new Array(12).fill(0))).toBeNull();
  });

  test("have no accuracy for a number, and no area under a curve but for a binary target", () => {
    expect(metricsOf(planWith({ target: numberTarget }), [4, 2, 0, 0])).toEqual({ rows: 4, loss: 4, accuracy: null, auc: null });
    expect(metricsOf(planWith({ target: classTarget }), [4, 2, 0, 3])).toEqual({ rows: 4, loss: 4, accuracy: 0.75, auc: null });
    expect(metricsOf(planWith({ aucBins: 0 }), [4, 2, 0, 3])).toEqual({ rows: 4, loss: 4, accuracy: 0.75, auc: null });
  });

  test("are refused of another number of scalars", () => {
    expect(() => metricsOf(examplePlan, [1, 2, 3])).toThrow("3 scalars must be 12");
  });

  test("through encoding, sum and decoding are those of all rows together", () => {
    fc.assert(
      fc.property(fc.integer({ min: 8, max: 28 }), fc.array(client(), { minLength: 1, maxLength: 8 }), (bits, clients) => {
        const plan = planWith({ bits, purpose: "evaluate" });
        const metrics = metricsOf(plan, throughTheSum(plan, clients))!;
        const rows = clients.reduce((sum, one) => sum + one.rows, 0);
        expect(metrics.rows).toBe(rows);
        expect(metrics.accuracy).toBe(clients.reduce((sum, one) => sum + one.correct, 0) / rows);
        const loss = clients.reduce((sum, one) => sum + one.lossSum, 0) / rows;
        expect(Math.abs(metrics.loss - loss)).toBeLessThanOrEqual((clients.length * 8) / (2 * scalarMax(bits) * rows) + loss * 2 ** -48);
        const [positives, negatives] = [column("positives"), column("negatives")];
        expect(metrics.auc).toBe(metricsOf(plan, [rows, 0, 0, 0, ...positives, ...negatives])!.auc);

        function column(name: "positives" | "negatives"): number[] {
          return [0, 1, 2, 3].map((bin) => clients.reduce((sum, one) => sum + one[name][bin]!, 0));
        }
      }),
    );
  });
});

function client(): fc.Arbitrary<LocalMetrics> {
  const bins = fc.array(fc.nat(500), { minLength: 4, maxLength: 4 });
  return fc
    .tuple(bins, bins, fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }))
    .map(([positives, negatives, right, loss]) => {
      const rows = Math.max(1, total(positives) + total(negatives));
      return { rows, lossSum: loss * rows * 8, correct: Math.floor(right * rows), positives, negatives };
    });
}

function throughTheSum(plan: Plan, clients: readonly LocalMetrics[]): readonly number[] {
  const shape = contributionShapeOf(plan);
  const rng: Rng = { bytes: (length) => new Uint8Array(length) };
  const rule = plan.contribution;
  const bits = laneBits({ cohortSize: clients.length, quantisationBits: rule.quantisationBits });
  const sum = createLanes({ laneCount: shape.laneCount, bits });
  for (const metrics of clients) {
    const weight = Math.min(metrics.rows, rule.weightMax);
    addInto(sum, encodeContribution({ update: null, weight, scalars: scalarsOf(plan, metrics), rule, shape, bits, rng }));
  }
  const outcome = decodeSum({ sum: sum as UnmaskedSum, rule, shape, bits, survivors: clients.length });
  if (outcome.kind === "refused") throw new Error(outcome.refusal.message);
  return outcome.value.scalars;
}

function total(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}
