import { expect, test } from "vitest";
import { vectorBytes } from "../testing/vector-bytes.ts";
import { interruptible } from "./interruptible.ts";

async function* three(onReturn: () => void = () => undefined): AsyncGenerator<Uint8Array> {
  try {
    for (const value of [1, 2, 3]) yield Uint8Array.of(value);
  } finally {
    onReturn();
  }
}

async function valuesOf(chunks: AsyncIterable<Uint8Array>): Promise<number[]> {
  const values: number[] = [];
  for await (const chunk of chunks) values.push(...chunk);
  return values;
}

test("all chunks come when nothing aborts", async () => {
  expect(await valuesOf(interruptible(three(), new AbortController().signal))).toEqual([1, 2, 3]);
});

test("no chunk comes after an abort, and the source is told", async () => {
  const abort = new AbortController();
  let isTold = false;
  const values: number[] = [];
  for await (const chunk of interruptible(
    three(() => (isTold = true)),
    abort.signal,
  )) {
    values.push(...chunk);
    abort.abort();
  }
  expect(values).toEqual([1]);
  expect(isTold).toBe(true);
});

test("a source that never gives its next chunk is left behind", async () => {
  const abort = new AbortController();
  async function* stuck(): AsyncGenerator<Uint8Array> {
    yield Uint8Array.of(1);
    await new Promise(() => undefined);
  }
  const values = valuesOf(interruptible(stuck(), abort.signal));
  setImmediate(() => abort.abort());
  expect(await values).toEqual([1]);
});

test("a source that fails fails its reader", async () => {
  async function* failing(): AsyncGenerator<Uint8Array> {
    yield Uint8Array.of(1);
    throw new RangeError("broken");
  }
  await expect(valuesOf(interruptible(failing(), new AbortController().signal))).rejects.toThrow("broken");
});

test("a chunk that was taken is not held while more come", async () => {
  async function* many(): AsyncGenerator<Uint8Array> {
    for (let i = 0; i < 32; i++) yield new Uint8Array(2 ** 20);
  }
  const before = await vectorBytes();
  let held = 0;
  for await (const chunk of interruptible(many(), new AbortController().signal)) {
    if (chunk.length > 0) held = await vectorBytes();
  }
  expect(held - before).toBeLessThan(4 * 2 ** 20);
});
