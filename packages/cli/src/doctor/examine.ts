import { statSync } from "node:fs";
import { createRequire } from "node:module";
import { cpus, freemem, totalmem } from "node:os";
import { fileURLToPath } from "node:url";
import { toFlError } from "@sotto/base";
import { type BackendName, measureBackend, openBackend } from "@sotto/ml";
import { ownVersion, versionIn } from "../version.ts";
import type { BackendFacts, ClockFacts, DoctorFacts, MachineFacts } from "./facts.ts";
import { type Place, portFacts } from "./port.ts";

const backendNames: readonly BackendName[] = ["tfjs-node", "wasm", "cpu"];

/** Looks at this machine: takes some seconds, most of them to measure the backends. `onBegin` is called before each part. */
export async function examine(place: Place, onBegin: (what: string) => void): Promise<DoctorFacts> {
  onBegin("the machine");
  const clock = startClockCheck();
  const port = await portFacts(place);
  const backends: BackendFacts[] = [];
  for (const name of backendNames) {
    onBegin(`backend ${name}`);
    backends.push(await backendFacts(name));
  }
  return { machine: machineFacts(), versions: versionFacts(), backends, port, clock: clock() };
}

function machineFacts(): MachineFacts {
  const processors = cpus();
  return {
    platform: `${process.platform}-${process.arch}`,
    processor: processors[0]?.model.trim() ?? "unknown",
    cores: processors.length,
    memoryBytes: totalmem(),
    memoryFreeBytes: freemem(),
  };
}

/** Libraries by the room that uses them: only there can Node be sure to find them. */
const libraries = [
  ["@sotto/transport", "@grpc/grpc-js"],
  ["@sotto/ml", "@tensorflow/tfjs-core"],
] as const;

function versionFacts(): Readonly<Record<string, string>> {
  const here = createRequire(import.meta.url);
  const versions: Record<string, string> = { sotto: ownVersion(), node: process.versions.node, openssl: process.versions.openssl };
  for (const [room, library] of libraries) versions[library] = libraryVersion(here, room, library);
  return versions;
}

function libraryVersion(here: NodeJS.Require, room: string, library: string): string {
  try {
    return versionIn(createRequire(here.resolve(room)).resolve(`${library}/package.json`));
  } catch {
    return "unknown"; // a package may keep its package.json to itself, and nothing depends on this line
  }
}

async function backendFacts(name: BackendName): Promise<BackendFacts> {
  try {
    const backend = await openBackend({ prefer: name });
    const passedOver = backend.passedOver.find((other) => other.name === name);
    if (passedOver !== undefined) return { name, kind: "absent", reason: passedOver.reason };
    const { samplesPerSecond } = await measureBackend(backend);
    return { name, kind: "works", version: backend.version, samplesPerSecond };
  } catch (thrown) {
    return { name, kind: "absent", reason: toFlError(thrown).message };
  }
}

/** Begins to compare the wall clock with the monotonic one; the answer says how far they drifted apart since. */
function startClockCheck(): () => ClockFacts {
  const wallStart = Date.now();
  const monotonicStart = performance.now();
  return () => ({
    now: new Date().toISOString(),
    driftMs: Math.abs(Date.now() - wallStart - (performance.now() - monotonicStart)),
    // The file of this program was written in the past, unless the clock is wrong.
    isBeforeInstall: Date.now() < statSync(fileURLToPath(import.meta.url)).mtimeMs,
  });
}
