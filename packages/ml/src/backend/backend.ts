import { FlError, toFlError } from "@sotto/base";
import { type BackendName, startBackend } from "./active.ts";
import { loadTfjsNode } from "./tfjs-node.ts";
import { loadWasm } from "./wasm.ts";

/** An opened backend: one of each for the whole process, never closed. */
export interface Backend {
  readonly name: BackendName;
  /** Version of the package behind it. */
  readonly version: string;
  /** Those that were tried before it, and why each did not do. */
  readonly passedOver: readonly { readonly name: BackendName; readonly reason: string }[];
}

/**
 * The first backend that works here: the preferred one, then tfjs-node, wasm, cpu. The last is for tests of tiny models:
 * it trains a small convolutional network some 200 times slower than wasm.
 * @throws FlError `unavailable` when none works, naming why
 */
export async function openBackend(options: { readonly prefer?: BackendName } = {}): Promise<Backend> {
  const { prefer } = options;
  const order = prefer === undefined ? ladder : [prefer, ...ladder.filter((name) => name !== prefer)];
  const passedOver: { readonly name: BackendName; readonly reason: string }[] = [];
  for (const name of order) {
    try {
      return { name, version: await startOnce(name), passedOver };
    } catch (thrown) {
      passedOver.push({ name, reason: toFlError(thrown).message });
    }
  }
  throw new FlError("unavailable", `no backend works: ${passedOver.map(({ name, reason }) => `${name}: ${reason}`).join("; ")}`);
}

const ladder: readonly BackendName[] = ["tfjs-node", "wasm", "cpu"];

const loaders: Readonly<Record<BackendName, () => Promise<string>>> = { "tfjs-node": loadTfjsNode, wasm: loadWasm, cpu: loadCpu };

const started = new Map<BackendName, Promise<string>>();

function startOnce(name: BackendName): Promise<string> {
  const running = started.get(name) ?? loaders[name]();
  started.set(name, running);
  return running;
}

async function loadCpu(): Promise<string> {
  const { version_cpu } = await import("@tensorflow/tfjs-backend-cpu");
  await startBackend("cpu");
  return version_cpu;
}
