import { expect, test } from "vitest";
import { countInto, emptyTally, metricsOf } from "./evaluation.ts";

test("a row's loss counts at most the cap, and exactly that when the model went astray", () => {
  const evaluation = { lossMax: 2, aucBins: 0 };
  const tally = emptyTally(evaluation);
  const logits = Float32Array.of(0, -50, Number.NaN, Number.NEGATIVE_INFINITY);
  countInto(
    tally,
    { logits, labels: Float32Array.of(1, 1, 1, 1) },
    { loss: "binaryCrossentropy", outputActivation: "sigmoid", evaluation },
  );
  expect(metricsOf(tally)).toEqual({ rows: 4, lossSum: Math.log(2) + 6, correct: 0, positives: [], negatives: [] });
});

test("scores fall into bins by class, 1 into the last and what is no number into the first", () => {
  const evaluation = { lossMax: 10, aucBins: 4 };
  const tally = emptyTally(evaluation);
  const logitOf = (score: number): number => Math.log(score / (1 - score));
  const logits = Float32Array.of(logitOf(0.1), logitOf(0.3), logitOf(0.6), 200, Number.NaN);
  countInto(
    tally,
    { logits, labels: Float32Array.of(0, 1, 1, 1, 0) },
    { loss: "binaryCrossentropy", outputActivation: "sigmoid", evaluation },
  );
  const { positives, negatives, correct } = metricsOf(tally);
  expect(positives).toEqual([0, 1, 1, 1]);
  expect(negatives).toEqual([2, 0, 0, 0]);
  expect(correct).toBe(3);
});

test("bins stay empty when the loss is not binary", () => {
  const evaluation = { lossMax: 10, aucBins: 2 };
  const tally = emptyTally(evaluation);
  countInto(
    tally,
    { logits: Float32Array.of(1, 0), labels: Float32Array.of(1) },
    { loss: "sparseCategoricalCrossentropy", outputActivation: "softmax", evaluation },
  );
  expect(metricsOf(tally)).toMatchObject({ rows: 1, correct: 0, positives: [0, 0], negatives: [0, 0] });
});
