import nodeUtil from "node:util";
import { FlError } from "@sotto/base";
import * as tf from "@tensorflow/tfjs-core";
import { startBackend } from "./active.ts";

/** Brings in the addon's package; it registers itself with TensorFlow.js. */
export type ImportAddon = () => Promise<unknown>;

/**
 * Loads and starts TensorFlow's own library through @tensorflow/tfjs-node, an optional dependency, and answers its version.
 * A package that is present but was installed without its scripts, or for another Node, is as good as absent.
 * @throws FlError `unavailable` when it does not load, with the cause
 */
export async function loadTfjsNode(importAddon: ImportAddon = importTfjsNode): Promise<string> {
  restoreRemovedFunctions();
  const addon = await importAddon().catch((cause: unknown) => {
    throw new FlError("unavailable", `@tensorflow/tfjs-node does not load: ${firstLine(cause)}`, { cause });
  });
  if (tf.findBackend("tensorflow") === null)
    throw new FlError("unavailable", "@tensorflow/tfjs-node brought a TensorFlow.js of its own: versions must be equal");
  await startBackend("tfjs-node");
  return versionOf(addon);
}

// A name that the compiler does not resolve: the package may be absent.
async function importTfjsNode(): Promise<unknown> {
  const name: string = "@tensorflow/tfjs-node";
  return await import(name);
}

// Node 23 removed two functions that tfjs-node 4.22 calls in every kernel (https://github.com/tensorflow/tfjs/pull/8425).
function restoreRemovedFunctions(): void {
  const removed = {
    isNullOrUndefined: (value: unknown): boolean => value === null || value === undefined,
    isArray: (value: unknown): boolean => Array.isArray(value),
  };
  for (const [name, replacement] of Object.entries(removed)) {
    if (!(name in nodeUtil)) Object.defineProperty(nodeUtil, name, { value: replacement, configurable: true });
  }
}

function versionOf(addon: unknown): string {
  const version = fieldOf(fieldOf(addon, "version"), "tfjs-node");
  return typeof version === "string" ? version : "unknown";
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

function firstLine(thrown: unknown): string {
  return (thrown instanceof Error ? thrown.message : String(thrown)).split("\n", 1)[0]!.trim();
}
