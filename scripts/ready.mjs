// Makes the clone ready to run: installs and builds what is missing, and nothing else. No dependencies.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stampFile = join(root, ".sotto", "ready.json");
const sourceFolders = ["packages", "coordinator", "client", "simulations", "test"];

/** Installs and builds unless the last time still holds. Ends the process with the reason when it cannot. */
export function makeReady() {
  checkNode();
  const stamp = readStamp();
  const lock = String(statSync(join(root, "package-lock.json")).mtimeMs);
  if (stamp.lock !== lock || !existsSync(join(root, "node_modules", "typescript"))) {
    say("installing packages (once; about half a minute)");
    run("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
  }
  const sources = String(newest(sourceFolders.map((folder) => join(root, folder))));
  if (stamp.lock !== lock || stamp.sources !== sources || !existsSync(join(root, "packages", "cli", "dist", "main.js"))) {
    say("building");
    run(process.execPath, [join(root, "node_modules", "typescript", "bin", "tsc"), "-b"]);
  }
  mkdirSync(dirname(stampFile), { recursive: true });
  writeFileSync(stampFile, JSON.stringify({ lock, sources }));
}

/** Runs a command in the root with this terminal; ends the process with its exit code when it fails. */
export function run(command, args, options = {}) {
  const done = spawnSync(command, args, {
    cwd: root,
    stdio: "inherit",
    shell: process.platform === "win32" && command === "npm",
    ...options,
  });
  if (done.error) stop(`cannot run ${command}: ${done.error.message}`);
  if (done.status !== 0) process.exit(done.status ?? 1);
}

/** A line about what this script does, kept out of standard output. */
export function say(text) {
  process.stderr.write(`sotto: ${text}\n`);
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major < 20 || (major === 20 && minor < 19)) stop(`Node ${process.versions.node} is too old: 20.19 or newer is needed`);
}

function stop(reason) {
  say(reason);
  process.exit(1);
}

function readStamp() {
  try {
    return JSON.parse(readFileSync(stampFile, "utf8"));
  } catch {
    return {}; // no stamp, or a broken one: everything is made anew
  }
}

/** Newest change below the folders: a file's own time, and a folder's, which moves when a file goes. */
function newest(folders) {
  let latest = 0;
  for (const folder of folders) {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (entry.name === "node_modules" || entry.name === "dist" || entry.name.endsWith(".tsbuildinfo")) continue;
      const path = join(folder, entry.name);
      latest = Math.max(latest, entry.isDirectory() ? newest([path]) : statSync(path).mtimeMs);
    }
  }
  return latest;
}
