import { mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { FlError } from "@sotto/base";
import { type EvidenceStore, filesMax } from "./evidence-store.ts";

/** What a file is called until it is whole. */
const partialSuffix = ".partial";

/**
 * An {@link EvidenceStore} in a folder, one file a conviction, for its owner alone; the folder is made with the first. A file that is kept survives the
 * death of the process and of the machine. One coordinator writes to a folder.
 */
export function directoryEvidence(folder: string): EvidenceStore {
  return {
    async keep(name, bytes) {
      const file = join(folder, name);
      return await onDisk(file, async () => {
        await makeFolder(folder);
        const kept = (await readdir(folder)).filter((entry) => !entry.endsWith(partialSuffix));
        if (kept.length >= filesMax && !kept.includes(name)) return null;
        await writeWhole(file, bytes);
        return file;
      });
    },
  };
}

/** Temporary name, fsync, rename, fsync of the folder: the name never stands for half a file. */
async function writeWhole(file: string, bytes: Uint8Array): Promise<void> {
  const partial = `${file}${partialSuffix}`;
  try {
    await rm(partial, { force: true }); // of a crash: made anew, so that it is nobody else's
    const handle = await open(partial, "wx", 0o600);
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(partial, file);
    await syncFolder(dirname(file));
  } catch (error) {
    await rm(partial, { force: true }).catch(() => undefined); // harmless where it stays; the first error is the one to tell
    throw error;
  }
}

/** Makes the folder and what it lies in, each durable in its parent: else a power cut could take a synced file with its folder. */
async function makeFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  const outermost = dirname(first);
  for (let made = folder; made !== outermost; made = dirname(made)) await syncFolder(dirname(made));
}

async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return; // Windows opens no folders; NTFS journals its names itself
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function onDisk<T>(file: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (cause) {
    const system = cause instanceof Error && "code" in cause && typeof cause.code === "string" ? cause.code : "unknown";
    throw new FlError(codes[system] ?? "internal", `cannot keep ${file}: ${system}`, { cause });
  }
}

const codes: Readonly<Record<string, FlError["code"]>> = {
  ENOSPC: "resource-exhausted",
  EDQUOT: "resource-exhausted",
  EACCES: "permission-denied",
  EPERM: "permission-denied",
  EROFS: "permission-denied",
};
