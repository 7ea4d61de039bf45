import { type FileHandle, open, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { type Digest, FlError, parseDigest, toFlError, toHex } from "@sotto/base";
import { createSha256, randomRng } from "@sotto/crypto";
import { type BlobStore, blobNotFound, type StoredBlob } from "./blob-store.ts";
import { createPartial, ifThere, makeFolder, onDisk, type PartialFile, removeFile } from "./disk.ts";

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
      const file = fileOf(digest);
      await ofStore(() => removeFile(file));
    },
  };
}

/** The partial file is placed once it is whole: at no instant does the digest's name stand for other bytes. */
async function putFile(folder: string, chunks: AsyncIterable<Uint8Array>): Promise<StoredBlob> {
  await ofStore(() => makeFolder(folder, 0o750));
  const path = join(folder, `partial-${toHex(randomRng().bytes(16))}`);
  const partial = await ofStore(() => createPartial({ path, mode: 0o640 }));
  try {
    const stored = await writeBlob(partial, chunks);
    await ofStore(() => partial.place(join(folder, stored.digest)));
    return stored;
  } finally {
    await partial.close();
  }
}

async function writeBlob(partial: PartialFile, chunks: AsyncIterable<Uint8Array>): Promise<StoredBlob> {
  const hash = createSha256();
  let sizeBytes = 0;
  for await (const chunk of chunks) {
    hash.update(chunk);
    sizeBytes += chunk.length;
    await ofStore(() => partial.append(chunk));
  }
  return { digest: hash.digest(), sizeBytes };
}

async function* readFile(file: string, digest: Digest): AsyncGenerator<Uint8Array> {
  const handle = await ofStore(() => ifThere(`open ${file}`, () => open(file, "r")));
  if (handle === null) throw blobNotFound(digest);
  try {
    const hash = createSha256();
    let held: Uint8Array | null = null;
    for (let chunk = await readChunk(handle, file); chunk.length > 0; chunk = await readChunk(handle, file)) {
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

async function readChunk(handle: FileHandle, file: string): Promise<Uint8Array> {
  const { buffer, bytesRead } = await ofStore(() => onDisk(`read ${file}`, () => handle.read(new Uint8Array(chunkBytes), 0, chunkBytes)));
  return buffer.subarray(0, bytesRead);
}

async function statFile(file: string): Promise<{ readonly size: number } | null> {
  return await ofStore(() => ifThere(`look at ${file}`, () => stat(file)));
}

/**
 * What the disk denies the store is the store's failure, not that of who asks for a blob: a client that was told `permission-denied` would
 * never ask again, and would learn a path besides, where of `internal` the code crosses alone.
 */
async function ofStore<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (thrown) {
    const cause = toFlError(thrown);
    if (cause.code !== "permission-denied") throw cause;
    throw new FlError("internal", cause.message, { cause });
  }
}
