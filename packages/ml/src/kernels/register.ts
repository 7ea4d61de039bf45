import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
import { columnMean, columnSum } from "./column-sums.ts";
import { convolutionFilterGradient, convolutionInputGradient } from "./convolution-gradients.ts";
import { depthwiseFilterGradient, depthwiseInputGradient } from "./depthwise-gradients.ts";
import { matrixProduct } from "./matrix-product.ts";
import { maxPoolGradient } from "./max-pool-gradient.ts";
import { segmentSum } from "./segment-sum.ts";
import { cast, identity } from "./shared-identity.ts";
import { tile } from "./tile.ts";
import { type WasmKernel, wasmTensors } from "./wasm-tensors.ts";

/**
 * Gives the WebAssembly backend the kernels that training needs and that version 4.22 lacks, has wrong or has slow (ENGINE 3).
 * Once, after the backend has started: the stock kernels are bound to its memory by then.
 */
export function registerTrainingKernels(backend: BackendWasm): void {
  const tensors = wasmTensors(backend);
  for (const [kernelName, kernel] of trainingKernels) {
    if (tf.getKernel(kernelName, "wasm") !== undefined) tf.unregisterKernel(kernelName, "wasm");
    tf.registerKernel({ kernelName, backendName: "wasm", kernelFunc: ({ inputs, attrs }) => kernel(tensors, inputs, attrs ?? {}) });
  }
}

const trainingKernels: ReadonlyMap<string, WasmKernel> = new Map([
  // lacking
  ["Conv2DBackpropFilter", convolutionFilterGradient],
  ["DepthwiseConv2dNativeBackpropFilter", depthwiseFilterGradient],
  ["DepthwiseConv2dNativeBackpropInput", depthwiseInputGradient],
  ["UnsortedSegmentSum", segmentSum],
  // wrong
  ["MaxPoolGrad", maxPoolGradient],
  // slow
  ["BatchMatMul", matrixProduct],
  ["Conv2DBackpropInput", convolutionInputGradient],
  ["Sum", columnSum],
  ["Mean", columnMean],
  ["Tile", tile],
  ["Identity", identity],
  ["Cast", cast],
]);
