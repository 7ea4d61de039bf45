import type { LossName } from "@sotto/protocol";
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { onBackend } from "../backend/active.ts";
import { openBackend } from "../backend/backend.ts";
import { batchLoss, type OutputActivation, scoreRow } from "./loss.ts";

beforeAll(async () => {
  await openBackend({ prefer: "cpu" });
});

const kinds: readonly (readonly [LossName, OutputActivation, number])[] = [
  ["binaryCrossentropy", "sigmoid", 1],
  ["sparseCategoricalCrossentropy", "softmax", 3],
  ["meanSquaredError", "other", 1],
  ["meanSquaredError", "sigmoid", 1],
];

test.each(kinds)("the loss trained on is the mean of the losses that rows are scored by: %s after %s", (loss, outputActivation, width) => {
  const logit = fc.float({ min: -30, max: 30, noNaN: true });
  const row = fc.record({ logits: fc.array(logit, { minLength: width, maxLength: width }), label: fc.nat(width === 1 ? 1 : width - 1) });
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 8 }), (rows) => {
      const trained = onBackend("cpu", () => {
        const logits = tf.tensor(
          rows.flatMap((each) => each.logits),
          [rows.length, width],
        );
        return batchLoss({ loss, outputActivation, logits, labels: Float32Array.from(rows, (each) => each.label) }).dataSync()[0]!;
      });
      const scored = rows.map(({ logits, label }) => scoreRow({ loss, outputActivation, logits: Float32Array.from(logits), label }).loss);
      const mean = scored.reduce((sum, value) => sum + value, 0) / rows.length;
      expect(Math.abs(trained - mean)).toBeLessThan(1e-5 * (1 + Math.abs(mean)));
    }),
  );
});

test("the gradient at a logit of exactly 0 is one half less the label", () => {
  const gradient = onBackend("cpu", () =>
    [0, 1].map((label) => {
      const loss = (logits: tf.Tensor): tf.Scalar =>
        batchLoss({ loss: "binaryCrossentropy", outputActivation: "sigmoid", logits, labels: Float32Array.of(label) });
      return tf
        .grad(loss)(tf.zeros([1, 1]))
        .dataSync()[0];
    }),
  );
  expect(gradient).toEqual([0.5, -0.5]);
});

test("a saturated wrong row keeps its gradient", () => {
  const gradient = onBackend("cpu", () => {
    const loss = (logits: tf.Tensor): tf.Scalar =>
      batchLoss({ loss: "binaryCrossentropy", outputActivation: "sigmoid", logits, labels: Float32Array.of(0) });
    return tf
      .grad(loss)(tf.fill([1, 1], 80))
      .dataSync()[0];
  });
  expect(gradient).toBe(1);
});

test("a row is right when its likeliest class is its label", () => {
  const right = (loss: LossName, logits: readonly number[], label: number): boolean =>
    scoreRow({ loss, outputActivation: logits.length === 1 ? "sigmoid" : "softmax", logits: Float32Array.from(logits), label }).correct;
  expect([right("binaryCrossentropy", [0.1], 1), right("binaryCrossentropy", [0.1], 0), right("binaryCrossentropy", [0], 0)]).toEqual([
    true,
    false,
    true,
  ]);
  expect([right("sparseCategoricalCrossentropy", [1, 3, 2], 1), right("sparseCategoricalCrossentropy", [1, 3, 2], 2)]).toEqual([
    true,
    false,
  ]);
  expect(right("binaryCrossentropy", [Number.NaN], 0)).toBe(false);
});
