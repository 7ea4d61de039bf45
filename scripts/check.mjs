// npm run check [-- STEP …]: everything about the code that is not a test. All steps run; any failure fails the whole.
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeReady, root, say } from "./ready.mjs";

const tool = (...path) => join(root, "node_modules", ...path);
const node = (...args) => ({ command: process.execPath, args });
const rooms = ["packages", "coordinator", "client", "simulations", "test", "scripts"];

const steps = {
  types: () => passes(node(tool("typescript", "bin", "tsc"), "-b")),
  style: () => passes(node(tool("@biomejs", "biome", "bin", "biome"), "ci", "--error-on-warnings", ".")),
  floors: () => passes(node(tool("dependency-cruiser", "bin", "dependency-cruise.mjs"), "--config", ".dependency-cruiser.cjs", ...rooms)),
  "dead-code": () => passes(node(tool("knip", "bin", "knip.js"))),
  sizes: areFilesShort,
  generated: isGeneratedCurrent,
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in steps));
if (unknown.length > 0) {
  say(`no check is called ${unknown.join(", ")}; there are ${Object.keys(steps).join(", ")}`);
  process.exit(2);
}
makeReady();
const failed = [];
for (const name of wanted.length > 0 ? wanted : Object.keys(steps)) {
  say(`check ${name}`);
  if (!steps[name]()) failed.push(name);
}
say(failed.length === 0 ? "all checks pass" : `failed: ${failed.join(", ")}`);
process.exit(failed.length === 0 ? 0 : 1);

function passes({ command, args }, cwd = root) {
  return spawnSync(command, args, { cwd, stdio: "inherit" }).status === 0;
}

/** Generates the wire code beside the real one and compares: what is committed must be what the .proto files say. */
function isGeneratedCurrent() {
  const folder = mkdtempSync(join(tmpdir(), "sotto-generate-"));
  try {
    for (const part of ["proto", "buf.yaml", "buf.gen.yaml"]) cpSync(join(root, part), join(folder, part), { recursive: true });
    const buf = tool(".bin", "buf");
    const env = { ...process.env, PATH: `${tool(".bin")}:${process.env.PATH}` };
    if (spawnSync(buf, ["lint"], { cwd: folder, stdio: "inherit", env }).status !== 0) return false;
    if (spawnSync(buf, ["generate"], { cwd: folder, stdio: "inherit", env }).status !== 0) return false;
    const differing = differences(join(root, "packages", "wire", "src", "gen"), join(folder, "packages", "wire", "src", "gen"));
    if (differing.length > 0) say(`generated code is not current (npm run generate): ${differing.join(", ")}`);
    return differing.length === 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** STYLE 6: at most 300 lines a source file; tests and generated code are as long as they are. */
function areFilesShort() {
  const sources = rooms.flatMap((room) => files(join(root, room)).map((name) => join(room, name)));
  const written = sources.filter((name) => /\.(ts|mjs)$/.test(name) && !/\.test\.ts$|[\\/](dist|node_modules|gen)[\\/]/.test(name));
  const long = written.filter((name) => readFileSync(join(root, name), "utf8").split("\n").length > 301);
  if (long.length > 0) say(`over 300 lines: ${long.join(", ")}`);
  return long.length === 0;
}

function differences(committed, fresh) {
  const names = new Set([...files(committed), ...files(fresh)]);
  return [...names].filter((name) => content(join(committed, name)) !== content(join(fresh, name)));
}

function files(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
}

function content(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null; // the file is on one side only: that is a difference
  }
}
