import { assertNever } from "@sotto/base";
import type { LossName } from "@sotto/protocol";
import * as tf from "@tensorflow/tfjs-core";
import type { TopologyFacts } from "../topology/check.ts";

/** What the values are that a model puts out before its last activation. */
export type OutputActivation = TopologyFacts["outputActivation"];

/**
 * Mean loss a row, differentiable. `logits` is rows × outputs, before the output's activation: computed from those, a row that is
 * wrong beyond float32's probabilities still has its gradient. Cross-entropy of a logit z and a label y is softplus(z) - y z.
 */
export function batchLoss(options: {
  readonly loss: LossName;
  readonly outputActivation: OutputActivation;
  readonly logits: tf.Tensor;
  readonly labels: Float32Array;
}): tf.Scalar {
  const { loss, outputActivation, logits, labels } = options;
  switch (loss) {
    case "binaryCrossentropy": {
      const target = tf.tensor(labels, logits.shape);
      return tf.mean(tf.sub(tf.softplus(logits), tf.mul(target, logits)));
    }
    case "sparseCategoricalCrossentropy": {
      const target = tf.oneHot(tf.tensor1d(labels, "int32"), logits.shape.at(-1) ?? 1);
      return tf.losses.softmaxCrossEntropy(target, logits);
    }
    case "meanSquaredError":
      return tf.losses.meanSquaredError(tf.tensor(labels, logits.shape), activated(logits, outputActivation));
    default:
      return assertNever(loss);
  }
}

function activated(logits: tf.Tensor, outputActivation: OutputActivation): tf.Tensor {
  if (outputActivation === "sigmoid") return tf.sigmoid(logits);
  return outputActivation === "softmax" ? tf.softmax(logits) : logits;
}

/** What one row counts for, from its logits, in float64. */
export interface RowScore {
  /** Not capped; not finite when the model's output is not. */
  readonly loss: number;
  /** Whether the likeliest class is the label's; false for regression. */
  readonly correct: boolean;
  /** Probability of class 1; 0 unless the loss is binary. */
  readonly score: number;
}

/** The score of one row of logits. */
export function scoreRow(options: {
  readonly loss: LossName;
  readonly outputActivation: OutputActivation;
  readonly logits: Float32Array;
  readonly label: number;
}): RowScore {
  const { loss, outputActivation, logits, label } = options;
  const first = logits[0] ?? Number.NaN;
  switch (loss) {
    case "binaryCrossentropy":
      return {
        loss: Math.max(first, 0) - label * first + Math.log1p(Math.exp(-Math.abs(first))),
        correct: label === 1 ? first > 0 : first <= 0,
        score: sigmoid(first),
      };
    case "sparseCategoricalCrossentropy": {
      const largest = logits.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
      const sum = logits.reduce((total, logit) => total + Math.exp(logit - largest), 0);
      return { loss: largest + Math.log(sum) - (logits[label] ?? Number.NaN), correct: logits.indexOf(largest) === label, score: 0 };
    }
    case "meanSquaredError": {
      const output = outputActivation === "other" ? first : outputActivation === "sigmoid" ? sigmoid(first) : 1;
      return { loss: (output - label) ** 2, correct: false, score: 0 };
    }
    default:
      return assertNever(loss);
  }
}

function sigmoid(logit: number): number {
  return 1 / (1 + Math.exp(-logit));
}
