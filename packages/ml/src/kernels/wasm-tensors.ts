import { FlError, invariant } from "@sotto/base";
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";

/**
 * Tensors of the WebAssembly backend, for kernels written on top of it. Views of the heap go stale when it grows, which any
 * allocation may do: a kernel allocates its output first and takes its views after.
 */
export interface WasmTensors {
  /** A new float32 tensor with undefined values. */
  output(shape: readonly number[]): tf.TensorInfo;
  /** The values of a float32 tensor, in place. */
  floats(tensor: tf.TensorInfo): Float32Array;
  /** The values of an int32 tensor, in place. */
  ints(tensor: tf.TensorInfo): Int32Array;
  /** Another tensor over the same data: a reference is counted, nothing copied. */
  share(tensor: tf.TensorInfo): tf.TensorInfo;
  /** Runs a kernel as the package brought it, whatever was registered in its place since. */
  stock(name: string, inputs: tf.NamedTensorInfoMap, attributes: tf.NamedAttrMap): tf.TensorInfo;
  transpose(tensor: tf.TensorInfo, permutation: readonly number[]): tf.TensorInfo;
  /** Disposes intermediate tensors. */
  release(...tensors: readonly tf.TensorInfo[]): void;
}

/** A kernel of the WebAssembly backend: computes one tensor that its caller owns, and leaves its inputs alone. */
export type WasmKernel = (tensors: WasmTensors, inputs: tf.NamedTensorInfoMap, attributes: tf.NamedAttrMap) => tf.TensorInfo;

/** The tools of a started backend. Made before its kernels are replaced: it remembers those it finds. */
export function wasmTensors(backend: BackendWasm): WasmTensors {
  const kernels = new Map(tf.getKernelsForBackend("wasm").map((kernel) => [kernel.kernelName, kernel.kernelFunc]));
  const stock: WasmTensors["stock"] = (name, inputs, attributes) => {
    const kernel = kernels.get(name);
    invariant(kernel !== undefined, `the wasm backend has a kernel ${name}`);
    const made = kernel({ inputs, backend, attrs: attributes });
    const first = Array.isArray(made) ? made[0] : made;
    invariant(first !== undefined, `kernel ${name} makes a tensor`);
    return first;
  };
  return {
    output: (shape) => backend.makeOutput([...shape], "float32"),
    floats: (tensor) => {
      const values = backend.typedArrayFromHeap(tensor);
      invariant(values instanceof Float32Array, `a ${tensor.dtype} tensor holds float32`);
      return values;
    },
    ints: (tensor) => {
      const values = backend.typedArrayFromHeap(tensor);
      invariant(values instanceof Int32Array, `a ${tensor.dtype} tensor holds int32`);
      return values;
    },
    share: (tensor) => {
      backend.incRef(tensor.dataId);
      return { dataId: tensor.dataId, shape: tensor.shape, dtype: tensor.dtype };
    },
    stock,
    transpose: (tensor, permutation) => stock("Transpose", { x: tensor }, { perm: [...permutation] }),
    release: (...tensors) => {
      for (const tensor of tensors) backend.disposeData(tensor.dataId);
    },
  };
}

/** The same values read under another shape, for the length of a call: no reference is counted. */
export function reshaped(tensor: tf.TensorInfo, shape: readonly number[]): tf.TensorInfo {
  return { dataId: tensor.dataId, shape: [...shape], dtype: tensor.dtype };
}

/** An input that a kernel cannot do without. */
export function inputOf(inputs: tf.NamedTensorInfoMap, name: string): tf.TensorInfo {
  const tensor = inputs[name];
  invariant(tensor !== undefined, `kernel input ${name} is given`);
  return tensor;
}

/** A four-dimensional shape. */
export function shape4(shape: unknown): [number, number, number, number] {
  invariant(Array.isArray(shape) && shape.length === 4 && shape.every((size) => typeof size === "number"), "the shape has 4 dimensions");
  const [a, b, c, d]: number[] = shape;
  return [a!, b!, c!, d!];
}

/** Sizes along height and width, from one number or two. */
export function pair(attribute: unknown): [number, number] {
  if (typeof attribute === "number") return [attribute, attribute];
  invariant(Array.isArray(attribute) && attribute.length === 2, "a size along height and width is a number or two");
  const [height, width]: number[] = attribute;
  return [height!, width!];
}

/** How windows meet the border; explicit padding a side is not used by any layer. @throws FlError `unimplemented` */
export function paddingOf(attribute: unknown): "same" | "valid" | number {
  if (attribute === "same" || attribute === "valid" || typeof attribute === "number") return attribute;
  throw new FlError("unimplemented", `padding ${JSON.stringify(attribute)} must be same, valid or a number`);
}
