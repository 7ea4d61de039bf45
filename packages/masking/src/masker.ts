import { availableParallelism } from "node:os";
import { FlError, wipeInto } from "@sotto/base";
import { type MaskStreams, maskInto, removeMasksInto } from "@sotto/secagg";
import type { EncodedContribution, Lanes, MaskedContribution, MaskedSum, UnmaskedSum } from "@sotto/vector";
import type { MaskJob } from "./job.ts";
import { MaskThread, type StartWorker, startWorker } from "./thread.ts";

/** Adds masks to contributions and takes them away from sums, on threads of its own where that is faster. */
export interface Masker {
  /**
   * Adds every mask, as `maskInto` does: the array is given up, and comes back under its new name. The keys remain the caller's to wipe, once the
   * promise is settled. Lanes of `createSharedLanes`, which `encodeContribution` and `Accumulator.sum` use, are masked where they are, others copied.
   * @throws FlError `invalid-argument` on a key that has not 32 bytes, `failed-precondition` after {@link close}: nothing is changed then;
   * `cancelled` when it is closed meanwhile, `unavailable` when a thread dies: the array is then of no use
   */
  mask(encoded: EncodedContribution, masks: MaskStreams): Promise<MaskedContribution>;
  /** Takes every mask away and cuts lanes to their low `bits`, as `removeMasksInto` does; otherwise as {@link mask}. */
  removeMasks(sum: MaskedSum, opening: { readonly masks: MaskStreams; readonly bits: number }): Promise<UnmaskedSum>;
  /** Ends the threads. Pending work is rejected as `cancelled`. */
  close(): Promise<void>;
}

/** How a {@link Masker} works. */
export interface MaskerOptions {
  /** Threads, 0 to {@link workerCountMax}; at 0 everything is done on the calling one before the promise is there: for simulations. */
  readonly workerCount: number;
}

/** The most threads a masker has. */
const workerCountMax = 64;

/** More threads than this are not worth their memory, about 10 MB each: by then copying lanes to and fro, which is the caller's, counts. */
const defaultWorkerCountMax = 8;

/** Below this much keystream the calling thread is done in 3 ms, about what it costs to share the lanes, wake the workers and come back. */
const sharedBytesMin = 8 * 2 ** 20;

/** Ranges begin at multiples of this, so that each begins at a whole block of the cipher and no cache line has two writers. */
const rangeAlignmentLanes = 64;

/** A thread for every processor the process may use, at most 8. */
export function defaultWorkerCount(): number {
  return Math.min(availableParallelism(), defaultWorkerCountMax);
}

/**
 * A masker; the caller closes it. Threads are started when work first needs them, and hold the process open only while they have work.
 * @throws FlError `invalid-argument` unless the worker count is 0 to 64
 */
export function createMasker(options: MaskerOptions): Masker {
  return new ThreadedMasker(options, startWorker);
}

/** {@link createMasker} with a say in how workers are started: for tests that kill them. */
export class ThreadedMasker implements Masker {
  readonly #threads: (MaskThread | null)[];
  readonly #start: StartWorker;
  #isClosed = false;
  #jobCount = 0;

  constructor({ workerCount }: MaskerOptions, start: StartWorker) {
    if (!Number.isInteger(workerCount) || workerCount < 0 || workerCount > workerCountMax) {
      throw new FlError("invalid-argument", `worker count ${workerCount} must be an integer from 0 to ${workerCountMax}`);
    }
    this.#threads = new Array(workerCount).fill(null);
    this.#start = start;
  }

  async mask(encoded: EncodedContribution, masks: MaskStreams): Promise<MaskedContribution> {
    this.#assertReady(masks);
    if (this.#isSmall(encoded, masks)) return maskInto(encoded, masks);
    await this.#shareInto(encoded, { masks, bits: null });
    const masked: Lanes = encoded;
    return masked as MaskedContribution;
  }

  async removeMasks(sum: MaskedSum, opening: { readonly masks: MaskStreams; readonly bits: number }): Promise<UnmaskedSum> {
    this.#assertReady(opening.masks);
    if (this.#isSmall(sum, opening.masks)) return removeMasksInto(sum, opening.masks, opening.bits);
    await this.#shareInto(sum, opening);
    const unmasked: Lanes = sum;
    return unmasked as UnmaskedSum;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.#threads.map((thread) => thread?.close()));
  }

  /** Before a thread is asked: what the caller got wrong is told at once, and ends no worker. */
  #assertReady(masks: MaskStreams): void {
    if (this.#isClosed) throw new FlError("failed-precondition", "the masker is closed");
    const wrong = masks.find(({ key }) => key.length !== 32);
    if (wrong !== undefined) throw new FlError("invalid-argument", `mask key of ${wrong.key.length} bytes must be 32`);
  }

  #isSmall(lanes: Lanes, masks: MaskStreams): boolean {
    return this.#threads.length === 0 || lanes.byteLength * masks.length < sharedBytesMin;
  }

  /** Each thread has a range of its own in memory that all share: that of the lanes, where they are made for it, else a copy. */
  async #shareInto(lanes: Lanes, work: { readonly masks: MaskStreams; readonly bits: number | null }): Promise<void> {
    const { buffer } = lanes;
    if (buffer instanceof SharedArrayBuffer && buffer.byteLength === lanes.byteLength) return this.#splitInto({ lanes, buffer }, work);
    const shared = sharedCopy(lanes);
    try {
      await this.#splitInto(shared, work);
      lanes.set(shared.lanes);
    } finally {
      // An open sum, or a contribution whose masks are not all on.
      shared.lanes.fill(0);
    }
  }

  async #splitInto(
    { lanes, buffer }: SharedLanes,
    { masks, bits }: { readonly masks: MaskStreams; readonly bits: number | null },
  ): Promise<void> {
    const keys = new Uint8Array(new SharedArrayBuffer(32 * masks.length));
    const signs = masks.map(({ sign }) => sign);
    const job = { lanes: buffer, laneWidth: lanes.BYTES_PER_ELEMENT === 2 ? 16 : 32, keys: keys.buffer, signs, bits } as const;
    try {
      for (const [i, { key }] of masks.entries()) keys.set(key, 32 * i);
      // All are waited for, whichever fails: until then they read the keys and write the lanes.
      const ended = await Promise.allSettled(this.#rangesOf(lanes.length).map((range, i) => this.#perform(i, { ...job, ...range })));
      for (const outcome of ended) if (outcome.status === "rejected") throw outcome.reason;
    } finally {
      wipeInto(keys);
    }
  }

  /** Asynchronous, so that a thread that cannot be started rejects its range alone. */
  async #perform(index: number, job: Omit<MaskJob, "id">): Promise<void> {
    const held = this.#threads[index] ?? null;
    const thread = held === null || held.hasEnded ? new MaskThread(this.#start) : held;
    this.#threads[index] = thread;
    this.#jobCount++;
    await thread.perform({ ...job, id: this.#jobCount });
  }

  #rangesOf(laneCount: number): readonly { readonly start: number; readonly end: number }[] {
    const parts = this.#threads.length;
    const size = rangeAlignmentLanes * Math.ceil(laneCount / parts / rangeAlignmentLanes);
    return Array.from({ length: Math.ceil(laneCount / size) }, (_, i) => ({ start: i * size, end: Math.min((i + 1) * size, laneCount) }));
  }
}

/** Lanes that fill shared memory. */
interface SharedLanes {
  readonly lanes: Lanes;
  readonly buffer: SharedArrayBuffer;
}

function sharedCopy(lanes: Lanes): SharedLanes {
  const buffer = new SharedArrayBuffer(lanes.byteLength);
  const copy = lanes instanceof Uint16Array ? new Uint16Array(buffer) : new Uint32Array(buffer);
  copy.set(lanes);
  return { lanes: copy, buffer };
}
