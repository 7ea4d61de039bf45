import * as tf from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import { openBackend } from "./backend/backend.ts";
import { measureBackend } from "./speed-probe.ts";

test("the probe gives a speed and leaves no tensor behind", async () => {
  const backend = await openBackend({ prefer: "wasm" });
  const before = tf.memory().numTensors;
  const { samplesPerSecond } = await measureBackend(backend);
  expect(samplesPerSecond).toBeGreaterThan(0);
  expect(samplesPerSecond).toBeLessThan(Number.POSITIVE_INFINITY);
  expect(tf.memory().numTensors).toBe(before);
});
