import { FlError } from "@sotto/base";
import { expect, test } from "vitest";
import { tinyDigest } from "../testing/tiny-task.ts";
import { TaskVectors } from "./task-vectors.ts";

const width = { laneCount: 4, bits: 8 };
const before = { moments: [Float64Array.of(0)] };
const after = { moments: [Float64Array.of(1)] };

test("contributions are added as they come, and the sum is given up once", () => {
  const vectors = new TaskVectors(before);
  vectors.accumulate(Uint8Array.of(1, 2, 3, 4), width);
  vectors.accumulate(Uint8Array.of(10, 20, 30, 40), width);
  const sum = vectors.takeSum();
  expect([sum.count, [...sum.sum()]]).toEqual([2, [11, 22, 33, 44]]);
  expect(() => vectors.takeSum()).toThrow(FlError);
});

test("a round that is over leaves nothing of its sum to the next", () => {
  const vectors = new TaskVectors(before);
  vectors.accumulate(Uint8Array.of(1, 2, 3, 4), width);
  vectors.forget(false);
  vectors.accumulate(Uint8Array.of(10, 20, 30, 40), width);
  expect(vectors.takeSum().count).toBe(1);
});

test("what the optimizer remembers moves on only with a committed round", () => {
  const vectors = new TaskVectors(before);
  vectors.hold({ digest: tinyDigest("abandoned"), optimizerState: after });
  vectors.forget(false);
  expect(vectors.optimizerState).toBe(before);
  vectors.forget(true);
  expect(vectors.optimizerState).toBe(before);
  vectors.hold({ digest: tinyDigest("committed"), optimizerState: after });
  vectors.forget(true);
  expect(vectors.optimizerState).toBe(after);
  vectors.dispose();
  expect(vectors.optimizerState.moments).toEqual([]);
});
