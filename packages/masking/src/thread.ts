import { Worker } from "node:worker_threads";
import { FlError } from "@sotto/base";
import type { MaskAnswer, MaskJob } from "./job.ts";

/** Makes the worker of a thread. */
export type StartWorker = () => Worker;

/**
 * A worker that masks. Always the compiled file: Node 20 runs no TypeScript, and `../dist` is beside `src` as it is beside itself, so that tests,
 * which run the sources, and the product start the same. It gets no flag and no variable of this process, so that a `source` condition does
 * not reach it either. Its young generation is small, as it makes next to no garbage: outputs of the cipher are given back at once
 * (`crypto/src/node/aes-counter.ts`), so that this saves memory and, measured, neither costs nor saves time.
 */
export function startWorker(): Worker {
  return new Worker(new URL("../dist/worker.js", import.meta.url), {
    name: "sotto-masking",
    execArgv: [],
    env: {},
    resourceLimits: { maxYoungGenerationSizeMb: 2 },
  });
}

interface Pending {
  resolve(): void;
  reject(error: FlError): void;
}

/** A thread and the jobs it was given. It holds the process open while it has any, and not otherwise. Once it has ended it takes no more. */
export class MaskThread {
  readonly #worker: Worker;
  readonly #pending = new Map<number, Pending>();
  #isClosing = false;
  #hasEnded = false;

  constructor(start: StartWorker) {
    this.#worker = start();
    this.#worker.unref();
    this.#worker.on("message", (answer: MaskAnswer) => this.#settle(answer));
    // What the thread did not catch: it ends, and `exit` follows with no cause.
    this.#worker.on("error", (cause) => this.#end(new FlError("unavailable", "a mask worker failed", { cause })));
    this.#worker.on("exit", (code) => this.#end(this.#ending(code)));
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Has a job done. @throws FlError `unavailable` when the thread dies, `cancelled` when it is closed, `internal` when the job fails */
  perform(job: MaskJob): Promise<void> {
    if (this.#hasEnded || this.#isClosing) return Promise.reject(this.#ending(0));
    this.#worker.ref();
    return new Promise((resolve, reject) => {
      this.#pending.set(job.id, { resolve, reject });
      this.#worker.postMessage(job);
    });
  }

  /** Ends the thread; what it was doing is rejected as `cancelled`. */
  async close(): Promise<void> {
    this.#isClosing = true;
    await this.#worker.terminate();
  }

  #settle({ id, failure }: MaskAnswer): void {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (this.#pending.size === 0) this.#worker.unref();
    if (failure === null) pending?.resolve();
    else pending?.reject(new FlError("internal", `a mask worker failed: ${failure}`));
  }

  #end(error: FlError): void {
    this.#hasEnded = true;
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const { reject } of pending) reject(error);
  }

  #ending(code: number): FlError {
    if (this.#isClosing) return new FlError("cancelled", "the masker was closed while it had work");
    return new FlError("unavailable", `a mask worker ended with code ${code}`);
  }
}
