import { type FileHandle, mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { type Digest, FlError, parseDigest, toHex } from "@sotto/base";
import { createSha256, randomRng } from "@sotto/crypto";
import { type BlobStore, blobNotFound, type StoredBlob } from "./blob-store.ts";

const chunkBytes = 256 * 1024;

/**
 * A {@link BlobStore} in a folder, one file a blob, named by its digest; the folder is made on the first `put`. A blob that was
 * put survives the death of the process and of the machine. Several processes may share the folder.
 * A `put` cut short leaves a `partial-…` file that nothing ever reads; it may be deleted while no coordinator runs.
 */
export function directoryBlobs(path: string): BlobStore {
  const folder = resolve(path);
  const fileOf = (digest: Digest): string => join(folder, parseDigest(digest));
  return {
    put: (chunks) => putFile(folder, chunks),
    get: (digest) => readFile(fileOf(digest), digest),
    async size(digest) {
      const found = await statFile(fileOf(digest));
      if (found === null) throw blobNotFound(digest);
      return found.size;
    },
    async has(digest) {
      return (await statFile(fileOf(digest))) !== null;
    },
    async delete(digest) {
      await onDisk("delete a blob", () => rm(fileOf(digest), { force: true }));
    },
  };
}

/** Temporary name, fsync, rename, fsync of the folder: at no instant does the digest's name stand for other bytes. */
async function putFile(folder: string, chunks: AsyncIterable<Uint8Array>): Promise<StoredBlob> {
  await onDisk("make the folder of blobs", () => makeFolder(folder));
  const partial = join(folder, `partial-${toHex(randomRng().bytes(16))}`);
  try {
    const stored = await writePartial(partial, chunks);
    await onDisk("name a blob", async () => {
      await rename(partial, join(folder, stored.digest));
      await syncFolder(folder);
    });
    return stored;
  } catch (error) {
    await rm(partial, { force: true }).catch(() => undefined); // harmless where it stays; the first error is the one to tell
    throw error;
  }
}

async function writePartial(partial: string, chunks: AsyncIterable<Uint8Array>): Promise<StoredBlob> {
  const file = await onDisk("open a blob", () => open(partial, "wx", 0o640));
  try {
    const hash = createSha256();
    let sizeBytes = 0;
    for await (const chunk of chunks) {
      hash.update(chunk);
      sizeBytes += chunk.length;
      await onDisk("write a blob", () => file.writeFile(chunk));
    }
    await onDisk("sync a blob", () => file.sync());
    return { digest: hash.digest(), sizeBytes };
  } finally {
    await file.close();
  }
}

async function* readFile(file: string, digest: Digest): AsyncGenerator<Uint8Array> {
  const handle = await openBlob(file, digest);
  try {
    const hash = createSha256();
    let held: Uint8Array | null = null;
    for (let chunk = await readChunk(handle); chunk.length > 0; chunk = await readChunk(handle)) {
      hash.update(chunk);
      if (held !== null) yield held;
      held = chunk;
    }
    const found = hash.digest();
    if (found !== digest) throw new FlError("data-loss", `blob ${digest} has digest ${found} on disk`);
    if (held !== null) yield held;
  } finally {
    await handle.close();
  }
}

async function openBlob(file: string, digest: Digest): Promise<FileHandle> {
  try {
    return await open(file, "r");
  } catch (error) {
    if (systemCode(error) === "ENOENT") throw blobNotFound(digest, error);
    throw diskError("open a blob", error);
  }
}

async function readChunk(handle: FileHandle): Promise<Uint8Array> {
  const { buffer, bytesRead } = await onDisk("read a blob", () => handle.read(new Uint8Array(chunkBytes), 0, chunkBytes));
  return buffer.subarray(0, bytesRead);
}

async function statFile(file: string): Promise<{ readonly size: number } | null> {
  try {
    return await stat(file);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return null;
    throw diskError("look at a blob", error);
  }
}

/** Makes the folder and what it lies in, each durable in its parent: else a power cut could take a synced blob with its folder. */
async function makeFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true, mode: 0o750 });
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

async function onDisk<T>(doing: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw diskError(doing, error);
  }
}

function diskError(doing: string, cause: unknown): FlError {
  const system = systemCode(cause);
  const full = system === "ENOSPC" || system === "EDQUOT";
  return new FlError(full ? "resource-exhausted" : "internal", `cannot ${doing}: ${system ?? "unknown"}`, { cause });
}

function systemCode(error: unknown): string | null {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : null;
}
