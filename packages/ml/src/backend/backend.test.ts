import nodeUtil from "node:util";
import * as tf from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import { onBackend } from "./active.ts";
import { openBackend } from "./backend.ts";
import { loadTfjsNode } from "./tfjs-node.ts";

test("without a wish the fastest backend that works is opened, and says why faster ones were passed over", async () => {
  const backend = await openBackend();
  expect(["tfjs-node", "wasm"]).toContain(backend.name);
  expect(backend.version).toMatch(/^\d+\.\d+\.\d+$/);
  expect(backend.passedOver.map(({ name }) => name)).toEqual(backend.name === "wasm" ? ["tfjs-node"] : []);
  for (const { reason } of backend.passedOver) expect(reason).toContain("does not load");
});

test("a preferred backend is opened first, and opening it again gives the same one", async () => {
  const backend = await openBackend({ prefer: "cpu" });
  expect(backend).toEqual({ name: "cpu", version: "4.22.0", passedOver: [] });
  expect(await openBackend({ prefer: "cpu" })).toEqual(backend);
});

test("an addon that is absent, or present and broken, does not load", async () => {
  const broken = () => Promise.reject(new Error("The Node.js native addon module (tfjs_binding.node) can not be found\nrun npm rebuild"));
  await expect(loadTfjsNode(broken)).rejects.toMatchObject({ code: "unavailable", message: expect.not.stringContaining("rebuild") });
});

test("what Node 23 removed is there when the addon loads", async () => {
  await loadTfjsNode(() => Promise.reject(new Error("absent"))).catch(() => {});
  expect(Reflect.get(nodeUtil, "isNullOrUndefined")(null)).toBe(true);
  expect(Reflect.get(nodeUtil, "isArray")([])).toBe(true);
});

test("work on one backend after another leaves no tensor behind", async () => {
  await openBackend({ prefer: "wasm" });
  await openBackend({ prefer: "cpu" });
  const before = tf.memory().numTensors;
  for (const name of ["wasm", "cpu", "wasm"] as const) {
    const sum = onBackend(name, () => tf.sum(tf.tensor1d([1, 2, 3])).dataSync()[0]);
    expect(sum).toBe(6);
  }
  expect(tf.memory().numTensors).toBe(before);
});
