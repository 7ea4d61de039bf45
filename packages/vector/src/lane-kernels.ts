import { fromHex } from "@sotto/base";
import { laneAddModule } from "./gen/lane-add-module.ts";

/** The functions of wasm/lane-add.wat, which says what they take. */
export interface LaneKernels {
  readonly add16: Kernel;
  readonly add32: Kernel;
  readonly subtract16: Kernel;
  readonly subtract32: Kernel;
  readonly addPacked16: PackedKernel;
  readonly addPacked32: PackedKernel;
}

type Kernel = (target: number, strideBytes: number, sourceCount: number, sizeBytes: number) => void;
type PackedKernel = (target: number, source: number, laneCount: number, bits: number) => void;

/** Kernels and the memory they work in: whole pages of 64 KiB, of a size that never changes. */
export interface LaneMachine {
  readonly kernels: LaneKernels;
  readonly memory: ArrayBuffer;
}

/** The little of the WebAssembly interface that is used here: neither Node's types nor ECMAScript's hold it. */
interface WebAssemblyApi {
  validate(bytes: Uint8Array): boolean;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Memory: new (pages: { readonly initial: number; readonly maximum: number }) => { readonly buffer: ArrayBuffer };
  readonly Instance: new (module: object, imports: object) => { readonly exports: LaneKernels };
}

declare const WebAssembly: WebAssemblyApi | undefined;

const pageBytes = 65_536;

/** Null where WebAssembly or its vector instructions are missing, or a content policy of the host forbids to compile. */
const compiled: object | null = compile();

/**
 * A new machine of at least `sizeBytes`; null where there can be none. It cannot be given back, only forgotten, and it holds some gigabytes of
 * address space, though next to no memory, until it is collected: make one and keep it. 0.1 ms; milliseconds once address space is short.
 */
export function createLaneMachine(sizeBytes: number): LaneMachine | null {
  if (compiled === null || typeof WebAssembly === "undefined") return null;
  const pages = Math.ceil(sizeBytes / pageBytes);
  try {
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    const { exports } = new WebAssembly.Instance(compiled, { host: { memory } });
    return { kernels: exports, memory: memory.buffer };
  } catch {
    // A limit on address space (ulimit -v) or too many machines at once: the caller goes on in plain JavaScript, slower and with the same sums.
    return null;
  }
}

function compile(): object | null {
  if (typeof WebAssembly === "undefined") return null;
  const bytes = fromHex(laneAddModule.join(""));
  try {
    return WebAssembly.validate(bytes) ? new WebAssembly.Module(bytes) : null;
  } catch {
    return null;
  }
}
