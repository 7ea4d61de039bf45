import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { createLaneMachine } from "./lane-kernels.ts";

test("the committed module is what wabt assembles from lane-add.wat, byte for byte", async () => {
  // Not a literal, as the script has no types.
  const script: string = new URL("../wasm/assemble.mjs", import.meta.url).href;
  const { laneAddSource }: { laneAddSource(): Promise<string> } = await import(/* @vite-ignore */ script);
  const committed = readFileSync(new URL("gen/lane-add-module.ts", import.meta.url), "utf8");
  expect(committed).toBe(await laneAddSource());
});

test("Node has the vector instructions, so that what is tested and measured here are the kernels", () => {
  expect(createLaneMachine(1)?.memory.byteLength).toBe(65_536);
  expect(createLaneMachine(65_537)?.memory.byteLength).toBe(131_072);
});

test("a machine that cannot be had is none", () => {
  // 2^16 pages are the most a module can have.
  expect(createLaneMachine(2 ** 32 + 1)).toBeNull();
});
