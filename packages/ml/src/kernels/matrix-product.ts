import * as tf from "@tensorflow/tfjs-core";
import { inputOf, reshaped, type WasmKernel, type WasmTensors } from "./wasm-tensors.ts";

/**
 * BatchMatMul for one product: a transposed operand is turned first, so that the product itself runs on XNNPACK's fast path,
 * ten times the rate of the stock kernel's transposed one. Backpropagation through a dense layer is made of those.
 * Products in batches go to the stock kernel: no allowed layer makes one.
 */
export const matrixProduct: WasmKernel = (tensors, inputs, attributes) => {
  const [a, b] = [inputOf(inputs, "a"), inputOf(inputs, "b")];
  const outer = tf.broadcast_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
  if (tf.util.sizeFromShape(outer) !== 1 || a.dtype !== "float32" || b.dtype !== "float32")
    return tensors.stock("BatchMatMul", { a, b }, attributes);
  const product = multiply(tensors, matrix(a), matrix(b), {
    turnA: attributes["transposeA"] === true,
    turnB: attributes["transposeB"] === true,
  });
  return { ...product, shape: [...outer, ...product.shape] };
};

/** The product of two matrices, neither of them turned: XNNPACK's fast path. */
export function plainProduct(tensors: WasmTensors, a: tf.TensorInfo, b: tf.TensorInfo): tf.TensorInfo {
  return tensors.stock("BatchMatMul", { a, b }, { transposeA: false, transposeB: false });
}

function multiply(
  tensors: WasmTensors,
  a: tf.TensorInfo,
  b: tf.TensorInfo,
  { turnA, turnB }: { readonly turnA: boolean; readonly turnB: boolean },
): tf.TensorInfo {
  if (!turnA && !turnB) return plainProduct(tensors, a, b);
  if (turnA && !turnB) return using(tensors, turned(tensors, a), (at) => plainProduct(tensors, at, b));
  // Aᵀ Bᵀ = (B A)ᵀ
  if (turnA) return using(tensors, plainProduct(tensors, b, a), (product) => turned(tensors, product));
  const [m, k, n] = [a.shape[0]!, a.shape[1]!, b.shape[0]!];
  // A Bᵀ = (B Aᵀ)ᵀ: turning A and the product moves less memory than turning a large B.
  if (m * k + m * n < 2 * n * k)
    return using(tensors, turned(tensors, a), (at) => using(tensors, plainProduct(tensors, b, at), (product) => turned(tensors, product)));
  return using(tensors, turned(tensors, b), (bt) => plainProduct(tensors, a, bt));
}

function turned(tensors: WasmTensors, tensor: tf.TensorInfo): tf.TensorInfo {
  return tensors.transpose(tensor, [1, 0]);
}

function using(tensors: WasmTensors, intermediate: tf.TensorInfo, make: (tensor: tf.TensorInfo) => tf.TensorInfo): tf.TensorInfo {
  const made = make(intermediate);
  tensors.release(intermediate);
  return made;
}

function matrix(tensor: tf.TensorInfo): tf.TensorInfo {
  return reshaped(tensor, tensor.shape.slice(-2));
}
