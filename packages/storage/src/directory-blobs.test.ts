import { chmod, mkdtemp, readdir, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Digest, FlError, toFlError } from "@sotto/base";
import { sha256Digest } from "@sotto/crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { BlobStore } from "./blob-store.ts";
import { blobStoreContract } from "./contract.ts";
import { directoryBlobs } from "./directory-blobs.ts";

let root = "";

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "sotto-blobs-"));
});

afterAll(() => rm(root, { recursive: true, force: true }));

blobStoreContract("directory", async () => directoryBlobs(await freshFolder()));

test("a file is named by its digest and is all that is left in a folder made with its parents", async () => {
  const folder = join(await freshFolder(), "made", "on", "demand");
  const { digest } = await directoryBlobs(folder).put(once(large()));
  expect(await readdir(folder)).toEqual([digest]);
});

test("another store on the same folder reads what the first one put", async () => {
  const folder = await freshFolder();
  const { digest } = await directoryBlobs(folder).put(once(large()));
  expect((await read(directoryBlobs(folder), digest)).bytes).toBe(large().length);
});

test("one changed byte on disk is data loss, told before the last chunk", async () => {
  const folder = await freshFolder();
  const store = directoryBlobs(folder);
  const { digest } = await store.put(once(large()));
  const changed = large();
  changed[700_000]! ^= 1;
  await writeFile(join(folder, digest), changed);
  const result = await read(store, digest);
  expect(result.code).toBe("data-loss");
  expect(result.bytes).toBeLessThan(large().length);
});

test("a file cut short, or emptied, is data loss", async () => {
  const folder = await freshFolder();
  const store = directoryBlobs(folder);
  const { digest } = await store.put(once(large()));
  for (const length of [large().length - 1, 262_144, 0]) {
    await truncate(join(folder, digest), length);
    expect((await read(store, digest)).code).toBe("data-loss");
  }
});

test("putting a damaged blob again mends it", async () => {
  const folder = await freshFolder();
  const store = directoryBlobs(folder);
  const { digest } = await store.put(once(large()));
  await writeFile(join(folder, digest), "damaged");
  await store.put(once(large()));
  expect(await read(store, digest)).toEqual({ bytes: large().length, code: null });
});

test("the leftover of a put cut short by a kill changes nothing", async () => {
  const folder = await freshFolder();
  await writeFile(join(folder, `partial-${"0".repeat(32)}`), large().subarray(0, 5_000));
  const store = directoryBlobs(folder);
  expect(await store.has(sha256Digest(large().subarray(0, 5_000)))).toBe(false);
  const { digest } = await store.put(once(large()));
  expect((await read(store, digest)).bytes).toBe(large().length);
});

test("a failed put leaves no file", async () => {
  const folder = await freshFolder();
  await expect(directoryBlobs(folder).put(brokenOff())).rejects.toThrowError("cut off");
  expect(await readdir(folder)).toEqual([]);
});

test("a text that is no digest never becomes a path", async () => {
  const store = directoryBlobs(await freshFolder());
  await expect(store.has("../../etc/passwd" as Digest)).rejects.toMatchObject({ code: "invalid-argument" });
});

test("a store that cannot write says so and names what it could not make, with the system's reason as cause", async () => {
  const file = join(await freshFolder(), "a-file");
  await writeFile(file, "");
  const failure = await directoryBlobs(join(file, "below")).put(once(large())).catch(toFlError);
  expect(failure).toMatchObject({ code: "internal", message: `cannot make ${join(file, "below")}: ENOTDIR` });
  expect(failure).toMatchObject({ cause: { code: "ENOTDIR" } });
});

test.runIf(process.platform !== "win32")("what the disk denies the store is never told as the caller's lack of permission", async () => {
  const folder = await freshFolder();
  const store = directoryBlobs(folder);
  const { digest } = await store.put(once(large()));
  await chmod(folder, 0);
  const failures = await unprivileged(() =>
    Promise.all([
      store.has(digest).catch(toFlError),
      store.size(digest).catch(toFlError),
      read(store, digest),
      store.put(once(large())).catch(toFlError),
      store.delete(digest).catch(toFlError),
    ]),
  );
  await chmod(folder, 0o700);
  expect(failures.map((failure) => (typeof failure === "object" && "code" in failure ? failure.code : failure))).toEqual(
    Array(5).fill("internal"),
  );
  expect((await read(store, digest)).bytes).toBe(large().length);
});

test("an error of the source passes through whatever its code", async () => {
  const failure = new FlError("permission-denied", "this client is not of the roster any more");
  const source = async function* (): AsyncGenerator<Uint8Array> {
    yield Uint8Array.of(1);
    throw failure;
  };
  await expect(directoryBlobs(await freshFolder()).put(source())).rejects.toBe(failure);
});

/** Nothing is denied to root: for as long as `act` takes it is nobody. */
async function unprivileged<T>(act: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return await act();
  process.seteuid?.(65_534);
  try {
    return await act();
  } finally {
    process.seteuid?.(0);
  }
}

function freshFolder(): Promise<string> {
  return mkdtemp(join(root, "store-"));
}

function large(): Uint8Array {
  return new Uint8Array(800_000).map((_, i) => i % 251);
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function* brokenOff(): AsyncGenerator<Uint8Array> {
  yield Uint8Array.of(1);
  throw new RangeError("cut off");
}

async function read(store: BlobStore, digest: Digest): Promise<{ bytes: number; code: string | null }> {
  let bytes = 0;
  try {
    for await (const chunk of store.get(digest)) bytes += chunk.length;
  } catch (thrown) {
    return { bytes, code: toFlError(thrown).code };
  }
  return { bytes, code: null };
}
