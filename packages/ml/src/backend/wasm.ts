import { invariant } from "@sotto/base";
import * as tf from "@tensorflow/tfjs-core";
import { registerTrainingKernels } from "../kernels/register.ts";
import { startBackend } from "./active.ts";

/**
 * Starts WebAssembly on one thread, adds the kernels that training needs, and answers the package's version. Many clients in
 * one process do better with a worker thread each than with threads inside WebAssembly.
 */
export async function loadWasm(): Promise<string> {
  const { BackendWasm, setThreadsCount, version_wasm } = await import("@tensorflow/tfjs-backend-wasm");
  setThreadsCount(1);
  await startBackend("wasm");
  const backend = tf.backend();
  invariant(backend instanceof BackendWasm, "the active backend is the one just started");
  registerTrainingKernels(backend);
  return version_wasm;
}
