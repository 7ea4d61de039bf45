import { assertNever } from "@sotto/base";
import type { LocalOptimizer } from "@sotto/protocol";
import * as tf from "@tensorflow/tfjs-core";

/** A fresh optimizer, with no memory of earlier rounds; the caller disposes of it with {@link disposeOptimizer}. */
export function createOptimizer(spec: LocalOptimizer): tf.Optimizer {
  const optimizer = optimizerOf(spec);
  for (const tensor of tensorsOf(optimizer)) tf.keep(tensor);
  return optimizer;
}

/** Disposes of everything an optimizer holds. Its own `dispose` is not enough: momentum's forgets the learning rate. */
export function disposeOptimizer(optimizer: tf.Optimizer): void {
  optimizer.dispose();
  for (const tensor of tensorsOf(optimizer)) tensor.dispose();
}

function optimizerOf(spec: LocalOptimizer): tf.Optimizer {
  switch (spec.kind) {
    case "sgd":
      return spec.momentum === 0 ? tf.train.sgd(spec.learningRate) : tf.train.momentum(spec.learningRate, spec.momentum);
    case "adam":
      return tf.train.adam(spec.learningRate, spec.beta1, spec.beta2, spec.epsilon);
    default:
      return assertNever(spec);
  }
}

function tensorsOf(optimizer: tf.Optimizer): readonly tf.Tensor[] {
  return Object.values(optimizer).filter((value): value is tf.Tensor => value instanceof tf.Tensor && !value.isDisposed);
}
