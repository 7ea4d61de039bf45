import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { FlError } from "@sotto/base";

/** Makes a folder for its owner alone, and what it lies in, each durable in its parent. @throws FlError naming the folder */
export async function makeFolder(folder: string): Promise<void> {
  await onDisk(`make ${folder}`, async () => {
    const first = await mkdir(folder, { recursive: true, mode: 0o700 });
    if (first === undefined) return;
    const outermost = dirname(first);
    for (let made = folder; made !== outermost; made = dirname(made)) await syncFolder(dirname(made));
  });
}

/** The bytes of a file; null when there is none. @throws FlError naming the file */
export async function readIfThere(file: string): Promise<Uint8Array | null> {
  try {
    return await readFile(file);
  } catch (thrown) {
    if (systemCode(thrown) === "ENOENT") return null;
    throw diskError(`read ${file}`, thrown);
  }
}

/**
 * Replaces a file by `bytes`, for its owner alone. Resolves once they outlive a power cut; until then the name stands for the old bytes
 * or the new ones, never for others. What a crash leaves is the file `partial`. @throws FlError naming the file
 */
export async function replaceFile({ file, partial }: Replaced, bytes: Uint8Array): Promise<void> {
  await onDisk(`write ${file}`, async () => {
    const handle = await open(partial, "w", 0o600);
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(partial, file);
    await syncFolder(dirname(file));
  });
}

/** A file to be replaced, and the name it is written under: in the same folder. */
export interface Replaced {
  readonly file: string;
  readonly partial: string;
}

/** Removes a file, if it is there. @throws FlError naming the file */
export async function removeFile(file: string): Promise<void> {
  await onDisk(`remove ${file}`, () => rm(file, { force: true }));
}

/** The result of `act`. @throws FlError saying what could not be done, with the system's reason */
export async function onDisk<T>(doing: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (thrown) {
    throw diskError(doing, thrown);
  }
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

function diskError(doing: string, cause: unknown): FlError {
  const system = systemCode(cause);
  return new FlError(codes[system] ?? "internal", `cannot ${doing}: ${system}`, { cause });
}

const codes: Readonly<Record<string, FlError["code"]>> = {
  ENOSPC: "resource-exhausted",
  EDQUOT: "resource-exhausted",
  EACCES: "permission-denied",
  EPERM: "permission-denied",
  EROFS: "permission-denied",
};

function systemCode(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "unknown";
}
