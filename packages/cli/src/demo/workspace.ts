import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { FlError } from "@sotto/base";

const mark = ".sotto-demo";

/** The demo's working folder: everything it writes, and nothing outside it. Absolute paths. */
export interface Workspace {
  readonly root: string;
  readonly federation: string;
  readonly data: string;
  readonly config: string;
  readonly state: string;
  readonly logs: string;
  readonly model: string;
}

/**
 * An empty working folder at `path`. What an earlier demo left there is removed: its keys are of another federation.
 * @throws FlError `already-exists` when the folder holds anything that no demo wrote, or another demo runs there
 */
export function createWorkspace(path: string): Workspace {
  const root = resolve(path);
  if (existsSync(root) && readdirSync(root).length > 0) clear(root);
  mkdirSync(root, { recursive: true, mode: 0o700 });
  writeFileSync(join(root, mark), `${process.pid}\nThe process of the demo that wrote this folder. Another demo empties it.\n`);
  const folder = (name: string): string => {
    const below = join(root, name);
    mkdirSync(below, { mode: 0o700 });
    return below;
  };
  return {
    root,
    federation: folder("federation"),
    data: folder("data"),
    config: folder("config"),
    state: folder("state"),
    logs: folder("logs"),
    model: folder("model"),
  };
}

function clear(root: string): void {
  const names = readdirSync(root);
  if (!names.includes(mark)) {
    throw new FlError("already-exists", `${root} holds files that sotto demo did not write: name another folder with --output`);
  }
  const owner = Number.parseInt(readFileSync(join(root, mark), "utf8"), 10);
  if (owner !== process.pid && isRunning(owner)) throw new FlError("already-exists", `another demo, process ${owner}, runs in ${root}`);
  for (const name of names) rmSync(join(root, name), { recursive: true });
}

function isRunning(pid: number): boolean {
  try {
    return Number.isInteger(pid) && pid > 0 && process.kill(pid, 0);
  } catch (thrown) {
    // EPERM: it runs, and is another user's.
    return thrown instanceof Error && "code" in thrown && thrown.code === "EPERM";
  }
}
