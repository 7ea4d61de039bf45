import { invariant } from "@sotto/base";
import type { LossName } from "@sotto/protocol";
import * as tf from "@tensorflow/tfjs-core";
import type { Network } from "../model/network.ts";
import type { RandomStream } from "../random.ts";
import { batchLoss, type OutputActivation } from "./loss.ts";

/** One mini-batch and what to do with it. */
export interface Step {
  readonly features: Float32Array;
  readonly labels: Float32Array;
  /** Of the whole batch: rows first. */
  readonly inputShape: readonly number[];
  readonly outputActivation: OutputActivation;
  readonly loss: LossName;
  readonly optimizer: tf.Optimizer;
  /** Seeds the masks of dropout layers. */
  readonly dropout: RandomStream;
}

/**
 * Moves a network's weights by one step and answers the batch's mean loss a row before it, without penalties. Leaves no tensor
 * behind when it runs in a scope.
 */
export function takeStep(network: Network, step: Step): number {
  seedDropout(network, step.dropout);
  const inputs = tf.tensor(step.features, [...step.inputShape]);
  let fit = Number.NaN;
  const { grads } = tf.variableGrads(() => {
    const logits = network.model.apply(inputs, { training: true });
    invariant(logits instanceof tf.Tensor, "the model puts out one tensor");
    const loss = batchLoss({ ...step, logits });
    fit = loss.dataSync()[0]!;
    return network.model.calculateLosses().reduce((sum, penalty) => tf.add(sum, penalty), loss);
  }, [...network.trainable]);
  step.optimizer.applyGradients(grads);
  return fit;
}

// TensorFlow.js draws a mask from the layer's seed alone, so a fixed seed would drop the same values in every step.
function seedDropout(network: Network, dropout: RandomStream): void {
  for (const layer of network.model.layers) if (layer.getClassName() === "Dropout") Object.assign(layer, { seed: dropout.uint32() });
}
