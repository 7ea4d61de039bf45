import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { Worker } from "node:worker_threads";
import { FlError } from "@sotto/base";
import { seededRng } from "@sotto/crypto";
import { type MaskStream, type MaskStreams, maskInto, removeMasksInto } from "@sotto/secagg";
import { createLanes, createSharedLanes, type EncodedContribution, type Lanes, type MaskedSum } from "@sotto/vector";
import { afterAll, describe, expect, test } from "vitest";
import { createMasker, defaultWorkerCount, type Masker } from "./index.ts";
import type { MaskJob } from "./job.ts";
import { ThreadedMasker } from "./masker.ts";
import { startWorker } from "./thread.ts";

const workerCounts = [0, 1, 2, 3];
const maskers = new Map<number, Masker>(workerCounts.map((workerCount) => [workerCount, createMasker({ workerCount })]));
afterAll(() => Promise.all([...maskers.values()].map((masker) => masker.close())));

const masks: MaskStreams = Array.from({ length: 24 }, (_, i): MaskStream => ({ key: key(i + 1), sign: i % 3 === 0 ? -1 : 1 }));

/** Above the 8 MiB of keystream from which on workers are asked, but for the first and the last; lengths that no range divides. */
const sizes = [
  { bits: 12, laneCount: 7 },
  { bits: 12, laneCount: 200_003 },
  { bits: 16, laneCount: 180_001 },
  { bits: 23, laneCount: 100_003 },
  { bits: 32, laneCount: 2 * 65_536 },
  { bits: 32, laneCount: 1 },
];

describe.each(workerCounts)("a masker of %d workers", (workerCount) => {
  const masker = maskers.get(workerCount)!;

  describe.each([
    { memory: "their own", copyOf: (lanes: Lanes): Lanes => lanes.slice() },
    { memory: "shared memory", copyOf: sharedCopyOf },
  ])("lanes in $memory", ({ copyOf }) => {
    test.each(sizes)("masks $laneCount of $bits bits as maskInto does, in the array it is given", async ({ bits, laneCount }) => {
      const values = randomLanes(laneCount, bits);
      const expected = bytesOf(maskInto(values.slice() as EncodedContribution, masks));
      const given = copyOf(values) as EncodedContribution;
      const masked = await masker.mask(given, masks);
      expect(masked).toBe(given);
      expect(Buffer.compare(bytesOf(masked), expected)).toBe(0);
    });

    test.each(sizes)("opens $laneCount of $bits bits as removeMasksInto does, in the array it is given", async ({ bits, laneCount }) => {
      const values = randomLanes(laneCount, bits);
      const expected = bytesOf(removeMasksInto(values.slice() as MaskedSum, masks, bits));
      const given = copyOf(values) as MaskedSum;
      const unmasked = await masker.removeMasks(given, { masks, bits });
      expect(unmasked).toBe(given);
      expect(Buffer.compare(bytesOf(unmasked), expected)).toBe(0);
    });
  });

  test("lanes that are a part of shared memory are masked, and the rest is left", async () => {
    const values = randomLanes(100_000, 32);
    const given = sharedCopyOf(values).subarray(1, 99_000);
    await masker.mask(given as EncodedContribution, masks);
    const expected = bytesOf(maskInto(values.slice(1, 99_000) as EncodedContribution, masks));
    expect(Buffer.compare(bytesOf(given), expected)).toBe(0);
    const whole = new Uint32Array(given.buffer);
    expect([whole[0], ...whole.subarray(99_000)]).toEqual([values[0], ...values.subarray(99_000)]);
  });

  test("does several things at once and keeps them apart", async () => {
    const all = [1, 2, 3, 4].map((n) => randomLanes(100_000 + n, 32));
    const masked = await Promise.all(all.map((lanes, i) => masker.mask(lanes.slice() as EncodedContribution, masks.slice(i))));
    for (const [i, lanes] of all.entries()) {
      const expected = bytesOf(maskInto(lanes.slice() as EncodedContribution, masks.slice(i)));
      expect(Buffer.compare(bytesOf(masked[i]!), expected)).toBe(0);
    }
  });

  test("reads keys and leaves them", async () => {
    const held = masks.map(({ key: secret, sign }) => ({ key: secret.slice(), sign }));
    await masker.mask(randomLanes(100_000, 32) as EncodedContribution, held);
    expect(held).toEqual(masks);
  });

  test("refuses a key of another length without a word of it, leaves the lanes, and goes on", async () => {
    const values = randomLanes(100_000, 32);
    const given = values.slice() as EncodedContribution;
    const wrong: MaskStreams = [...masks, { key: key(0x5a).subarray(1), sign: 1 }];
    const refusal = new FlError("invalid-argument", "mask key of 31 bytes must be 32");
    await expect(masker.mask(given, wrong)).rejects.toEqual(refusal);
    await expect(masker.removeMasks(given as Lanes as MaskedSum, { masks: wrong, bits: 20 })).rejects.toEqual(refusal);
    expect(Buffer.compare(bytesOf(given), bytesOf(values))).toBe(0);
    const masked = await masker.mask(given, masks);
    expect(Buffer.compare(bytesOf(masked), bytesOf(maskInto(values as EncodedContribution, masks)))).toBe(0);
  });
});

describe("the threads of a masker", () => {
  test("are made when work first needs them, and not for little work", async () => {
    const { masker, workers } = watched(2);
    expect(workers.length).toBe(0);
    await masker.mask(randomLanes(1000, 32) as EncodedContribution, masks);
    expect(workers.length).toBe(0);
    await masker.mask(randomLanes(100_000, 32) as EncodedContribution, masks);
    await masker.mask(randomLanes(100_000, 32) as EncodedContribution, masks);
    expect(workers.length).toBe(2);
    await masker.close();
  });

  test("are given keys in memory that is wiped when they are done, or have died, as is a copy of the lanes", async () => {
    const jobs: MaskJob[] = [];
    const workers: Worker[] = [];
    const masker = new ThreadedMasker({ workerCount: 2 }, () => {
      const worker = startWorker();
      const post = worker.postMessage.bind(worker);
      worker.postMessage = (job: MaskJob) => {
        jobs.push(job);
        expect(job.keys.byteLength).toBe(32 * masks.length);
        expect([...new Uint8Array(job.keys, 32, 32)]).toEqual([...masks[1]!.key]);
        post(job);
      };
      workers.push(worker);
      return worker;
    });
    await masker.mask(randomLanes(100_000, 32) as EncodedContribution, masks);
    const failed = expect(masker.mask(randomLanes(500_000, 32) as EncodedContribution, masks)).rejects.toBeInstanceOf(FlError);
    await workers[0]!.terminate();
    await failed;
    await masker.close();
    expect(jobs.length).toBe(4);
    for (const { keys, lanes } of jobs)
      for (const buffer of [keys, lanes]) expect(new Uint8Array(buffer).some((byte) => byte !== 0)).toBe(false);
  });

  test("end with it; work that was under way is cancelled, later work refused", async () => {
    const { masker, workers } = watched(2);
    const cancelled = expect(masker.mask(randomLanes(500_000, 32) as EncodedContribution, masks)).rejects.toEqual(
      new FlError("cancelled", "the masker was closed while it had work"),
    );
    await masker.close();
    await cancelled;
    expect(workers.map(({ threadId }) => threadId)).toEqual([-1, -1]);
    await expect(masker.mask(randomLanes(5, 32) as EncodedContribution, masks)).rejects.toEqual(
      new FlError("failed-precondition", "the masker is closed"),
    );
    await masker.close();
  });

  test("are replaced when one dies: its work is an error, the next is done", async () => {
    const { masker, workers } = watched(2);
    const values = randomLanes(500_000, 32);
    const failed = expect(masker.mask(sharedCopyOf(values) as EncodedContribution, masks)).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringMatching(/^a mask worker ended with code [01]$/),
    });
    await workers[1]!.terminate();
    await failed;
    const masked = await masker.mask(sharedCopyOf(values) as EncodedContribution, masks);
    expect(Buffer.compare(bytesOf(masked), bytesOf(maskInto(values as EncodedContribution, masks)))).toBe(0);
    expect(workers.length).toBe(3);
    await masker.close();
  });

  test("that cannot run are an error with its cause, and the next work tries again", async () => {
    const workers: Worker[] = [];
    const masker = new ThreadedMasker({ workerCount: 1 }, () => {
      const worker = workers.length === 0 ? new Worker("throw new Error('no such thread')", { eval: true }) : startWorker();
      workers.push(worker);
      return worker;
    });
    const lanes = randomLanes(100_000, 32) as EncodedContribution;
    await expect(masker.mask(lanes, masks)).rejects.toMatchObject({
      code: "unavailable",
      message: "a mask worker failed",
      cause: { message: "no such thread" },
    });
    expect((await masker.mask(lanes, masks)).length).toBe(100_000);
    await masker.close();
  });

  test("hold a process open while they work and no longer", async () => {
    const script = `
      import { createMasker } from ${JSON.stringify(new URL("../dist/index.js", import.meta.url).href)};
      const masks = Array.from({ length: 24 }, (_, i) => ({ key: new Uint8Array(32).fill(i), sign: 1 }));
      const masker = createMasker({ workerCount: 2 });
      masker.mask(new Uint32Array(100_000), masks).then((masked) => console.log(masked.length));
    `;
    // No close, and nothing else that keeps the process: it prints, so it waited; it ends, so it did not wait for ever.
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", script], { timeout: 20_000 });
    expect(stdout.trim()).toBe("100000");
  });
});

test("a worker count is an integer from 0 to 64, and the default is within that", () => {
  for (const workerCount of [-1, 1.5, 65, Number.NaN]) {
    expect(() => createMasker({ workerCount })).toThrow(
      new FlError("invalid-argument", `worker count ${workerCount} must be an integer from 0 to 64`),
    );
  }
  expect(defaultWorkerCount()).toBeGreaterThanOrEqual(1);
  expect(defaultWorkerCount()).toBeLessThanOrEqual(8);
});

/** A masker with real workers, which are at hand. */
function watched(workerCount: number): { readonly masker: Masker; readonly workers: readonly Worker[] } {
  const workers: Worker[] = [];
  const masker = new ThreadedMasker({ workerCount }, () => {
    const worker = startWorker();
    workers.push(worker);
    return worker;
  });
  return { masker, workers };
}

function key(byte: number): Uint8Array {
  return new Uint8Array(32).fill(byte);
}

function randomLanes(laneCount: number, bits: number): Lanes {
  const lanes = createLanes({ laneCount, bits });
  bytesOf(lanes).set(seededRng(key(laneCount % 251)).bytes(lanes.byteLength));
  return lanes;
}

function sharedCopyOf(lanes: Lanes): Lanes {
  const copy = createSharedLanes({ laneCount: lanes.length, bits: 8 * lanes.BYTES_PER_ELEMENT });
  copy.set(lanes);
  return copy;
}

function bytesOf(lanes: Lanes): Uint8Array {
  return new Uint8Array(lanes.buffer, lanes.byteOffset, lanes.byteLength);
}
