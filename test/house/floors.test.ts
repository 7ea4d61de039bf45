import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const rooms = ["packages", "coordinator", "client", "simulations", "test", "scripts"];
let copy: string;

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), "sotto-house-"));
  for (const entry of [...rooms, "package.json", "tsconfig.base.json", ".dependency-cruiser.cjs"]) {
    cpSync(join(root, entry), join(copy, entry), { recursive: true, filter: (source) => !/\/(dist|node_modules)$/.test(source) });
  }
  linkModules();
});

afterAll(() => rmSync(copy, { recursive: true, force: true }));

test("the house as it stands breaks no floor and no door", () => {
  expect(cruise().broken).toEqual([]);
});

const breaks = [
  { rule: "no-circles", file: "packages/base/src/broken-one.ts", code: 'export { two } from "./broken-two.ts";\nexport const one = 1;' },
  { rule: null, file: "packages/base/src/broken-two.ts", code: 'export { one } from "./broken-one.ts";\nexport const two = 2;' },
  { rule: "floor-of-vector", file: "packages/vector/src/broken.ts", code: 'export { createLogger } from "@sotto/telemetry";' },
  { rule: "floor-of-coordinator", file: "coordinator/src/broken-floor.ts", code: 'export { createClient } from "@sotto/client";' },
  { rule: "floor-of-client", file: "client/src/broken-floor.ts", code: 'export { createServerOptimizer } from "@sotto/aggregation";' },
  { rule: "door-of-@grpc/grpc-js", file: "coordinator/src/broken.ts", code: 'export { Server } from "@grpc/grpc-js";' },
  { rule: "door-of-@tensorflow/", file: "client/src/broken.ts", code: 'export { tidy } from "@tensorflow/tfjs-core";' },
  { rule: "node-crypto-in-crypto", file: "packages/storage/src/broken.ts", code: 'export { createHash } from "node:crypto";' },
  { rule: "pure-rooms-touch-no-machine", file: "coordinator/src/round/broken.ts", code: 'export { readFileSync } from "node:fs";' },
  { rule: "pure-rooms-know-no-shell", file: "client/src/round/broken.ts", code: 'export { createTrainer } from "@sotto/ml";' },
  { rule: "enter-by-the-face", file: "packages/crypto/src/broken.ts", code: 'export { utf8 } from "../../base/src/bytes.ts";' },
] as const;

test("every break of a floor, a door or the purity of a room fails the check", () => {
  for (const { file, code } of breaks) {
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    writeFileSync(join(copy, file), `${code}\n`);
  }
  const { status, broken } = cruise();
  expect(status).not.toBe(0);
  expect(broken).toEqual(expect.arrayContaining(breaks.flatMap(({ rule, file }) => (rule === null ? [] : [`${rule}: ${file}`]))));
});

/** The floors step of `npm run check`, in the copy. */
function cruise(): { readonly status: number | null; readonly broken: readonly string[] } {
  const tool = join(root, "node_modules/dependency-cruiser/bin/dependency-cruise.mjs");
  const done = spawnSync(process.execPath, [tool, "--config", ".dependency-cruiser.cjs", "--output-type", "err", ...rooms], {
    cwd: copy,
    encoding: "utf8",
    env: { ...process.env, NO_COLOR: "1" },
  });
  const broken = [...done.stdout.matchAll(/^\s+error (\S+: \S+)/gm)].map((match) => match[1]!);
  return { status: done.status, broken };
}

/** The clone's modules by link, and the house's own packages as the copy's folders. */
function linkModules(): void {
  mkdirSync(join(copy, "node_modules", "@sotto"), { recursive: true });
  for (const name of readdirSync(join(root, "node_modules"))) {
    if (name !== "@sotto" && !name.startsWith(".")) symlinkSync(join(root, "node_modules", name), join(copy, "node_modules", name));
  }
  for (const name of readdirSync(join(root, "node_modules", "@sotto"))) {
    const folder = ["coordinator", "client", "simulations", "test"].includes(name) ? name : `packages/${name}`;
    symlinkSync(join(copy, folder), join(copy, "node_modules", "@sotto", name));
  }
}
