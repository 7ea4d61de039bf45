import { inputOf, type WasmKernel } from "./wasm-tensors.ts";

/** Identity: the same data once more; the package's kernel copies it. */
export const identity: WasmKernel = (tensors, inputs) => tensors.share(inputOf(inputs, "x"));

/** Cast to the type a tensor already has: the same data once more. */
export const cast: WasmKernel = (tensors, inputs, attributes) => {
  const x = inputOf(inputs, "x");
  return attributes["dtype"] === x.dtype ? tensors.share(x) : tensors.stock("Cast", { x }, attributes);
};
