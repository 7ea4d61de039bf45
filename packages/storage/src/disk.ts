import { type FileHandle, mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { FlError } from "@sotto/base";

/**
 * Makes a folder, and what it lies in, each durable in its parent: else a power cut could take a synced file with its folder. `mode` is
 * of those that are made, as `0o700`; one that is there stays as it is. @throws FlError naming the folder
 */
export async function makeFolder(folder: string, mode: number): Promise<void> {
  const whole = resolve(folder);
  await onDisk(`make ${whole}`, async () => {
    const first = await mkdir(whole, { recursive: true, mode });
    if (first === undefined) return;
    const outermost = dirname(first);
    for (let made = whole; made !== outermost; made = dirname(made)) await syncFolder(dirname(made));
  });
}

/** The bytes of a file; null when there is none. @throws FlError naming the file */
export async function readIfThere(file: string): Promise<Uint8Array | null> {
  return await ifThere(`read ${file}`, () => readFile(file));
}

/** What the name of a file ends in while {@link replaceFile} writes it. */
export const partialSuffix = ".partial";

/**
 * Replaces a file, or makes it, for its owner alone. Resolves once `bytes` outlive a power cut; until then the name stands for the old
 * bytes or the new ones, never for others. One call at a time for a file. What a crash leaves ends in {@link partialSuffix}, and the
 * next call removes it. Prefer {@link createPartial} where the bytes come in chunks. @throws FlError naming the file
 */
export async function replaceFile(file: string, bytes: Uint8Array): Promise<void> {
  const partial = await createPartial({ path: `${file}${partialSuffix}`, mode: 0o600 });
  try {
    await partial.append(bytes);
    await partial.place(file);
  } finally {
    await partial.close();
  }
}

/** A file that is being written, under a name that nobody reads. Whoever creates it closes it. */
export class PartialFile {
  readonly #path: string;
  readonly #handle: FileHandle;
  #isPlaced = false;

  constructor({ path, handle }: { readonly path: string; readonly handle: FileHandle }) {
    this.#path = path;
    this.#handle = handle;
  }

  /** Writes the next bytes, and keeps no reference to them. @throws FlError naming the file */
  async append(bytes: Uint8Array): Promise<void> {
    await onDisk(`write ${this.#path}`, () => this.#handle.writeFile(bytes));
  }

  /**
   * Gives the file its name `file`, in the same folder, in place of what has it. Resolves once the file outlives a power cut under that
   * name. Nothing can be appended any more. @throws FlError naming the file
   */
  async place(file: string): Promise<void> {
    await onDisk(`write ${file}`, async () => {
      await this.#handle.sync(); // before the name: else a power cut could leave it to stand for fewer bytes
      await this.#handle.close();
      await rename(this.#path, file);
      this.#isPlaced = true;
      await syncFolder(dirname(file));
    });
  }

  /** Removes what was not placed. Never rejects: a partial file that stays is harmless, and the first error is the one to tell. */
  async close(): Promise<void> {
    await this.#handle.close().catch(() => undefined);
    if (!this.#isPlaced) await rm(this.#path, { force: true }).catch(() => undefined);
  }
}

/** Starts a file under the name `path`, made anew so that it is nobody else's. @throws FlError naming the file */
export async function createPartial({ path, mode }: { readonly path: string; readonly mode: number }): Promise<PartialFile> {
  await removeFile(path);
  const handle = await onDisk(`write ${path}`, () => open(path, "wx", mode));
  return new PartialFile({ path, handle });
}

/** Removes a file, if it is there; a power cut may bring it back. @throws FlError naming the file */
export async function removeFile(file: string): Promise<void> {
  await onDisk(`remove ${file}`, () => rm(file, { force: true }));
}

/** What `act` resolves with; null when the system knows no such file. @throws FlError as {@link onDisk} */
export async function ifThere<T>(doing: string, act: () => Promise<T>): Promise<T | null> {
  return await onDisk(doing, () =>
    act().catch((thrown: unknown) => {
      if (systemCode(thrown) === "ENOENT") return null;
      throw thrown;
    }),
  );
}

/**
 * What `act`, system calls alone, resolves with. `doing` is a verb and a path.
 * @throws FlError `cannot <doing>: <the system's code>`: `resource-exhausted` when the disk is full, `permission-denied` when this process
 * may not, else `internal`
 */
export async function onDisk<T>(doing: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (cause) {
    const system = systemCode(cause);
    throw new FlError(codes[system] ?? "internal", `cannot ${doing}: ${system}`, { cause });
  }
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

async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return; // Windows opens no folders; NTFS journals its names itself
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
