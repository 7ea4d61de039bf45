import { FlError, invariant } from "@sotto/base";
import * as tf from "@tensorflow/tfjs-core";
// Brings the gradients of all kernels, which core alone lacks.
import "@tensorflow/tfjs-layers";

/** What computes tensors, fastest first: TensorFlow's own library, WebAssembly with Sotto's kernels, plain JavaScript. */
export type BackendName = "tfjs-node" | "wasm" | "cpu";

const tensorflowNames: Readonly<Record<BackendName, string>> = { "tfjs-node": "tensorflow", wasm: "wasm", cpu: "cpu" };

/**
 * Starts a backend that is registered with TensorFlow.js and makes it the active one.
 * @throws FlError `unavailable` when it does not start or multiplies wrongly
 */
export async function startBackend(name: BackendName): Promise<void> {
  // Silences the banner that recommends tfjs-node, and checks of every tensor for NaN.
  tf.enableProdMode();
  if (!(await tf.setBackend(tensorflowNames[name]))) throw new FlError("unavailable", `backend ${name} does not start`);
  // Again, and at once: if another backend was made active while this one started, TensorFlow.js now mixes the two.
  void tf.setBackend(tensorflowNames[name]);
  const product = onBackend(name, () => tf.matMul(tf.tensor2d([[1, 2]]), tf.tensor2d([[3], [4]])).dataSync()[0]);
  if (product !== 11) throw new FlError("unavailable", `backend ${name} gives ${product} for 1 × 3 + 2 × 4`);
}

/**
 * Runs a piece of tensor work on a started backend and disposes every tensor it leaves behind but variables and kept ones.
 * TensorFlow.js has one active backend a process: whoever works on tensors goes through here, with no `await` inside.
 */
export function onBackend<T>(name: BackendName, work: () => T): T {
  const wanted = tensorflowNames[name];
  // Switching to a started backend takes effect within the call; its promise has nothing left to wait for.
  if (tf.getBackend() !== wanted) void tf.setBackend(wanted);
  invariant(tf.getBackend() === wanted, `backend ${name} is active`);
  tf.engine().startScope();
  try {
    return work();
  } finally {
    tf.engine().endScope();
  }
}
