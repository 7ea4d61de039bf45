import { type Digest, digestFromBytes } from "@sotto/base";
import { sha256Digest } from "@sotto/crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { BlobStore } from "./blob-store.ts";

/** What every {@link BlobStore} keeps to, as tests. `create` makes an empty store of its own for each. */
export function blobStoreContract(name: string, create: () => Promise<BlobStore>): void {
  test(`${name}: the digest of a blob is the SHA-256 of its bytes, FIPS 180-4`, async () => {
    const store = await create();
    const stored = await store.put(chunked(new TextEncoder().encode("abc"), 1));
    expect(stored).toEqual({ digest: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", sizeBytes: 3 });
  });

  test(`${name}: bytes come back whole, however they were cut`, async () => {
    const store = await create();
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.integer({ min: 1, max: 64 }), async (bytes, cut) => {
        const { digest, sizeBytes } = await store.put(chunked(bytes, cut));
        expect(digest).toBe(sha256Digest(bytes));
        expect(sizeBytes).toBe(bytes.length);
        expect(await bytesOf(store, digest)).toEqual(bytes);
        expect(await store.size(digest)).toBe(bytes.length);
        expect(await store.has(digest)).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  test(`${name}: a blob of many chunks comes back whole`, async () => {
    const store = await create();
    const bytes = Uint8Array.from({ length: 1_500_001 }, (_, i) => (i * 2_654_435_761) >>> 24);
    const { digest } = await store.put(chunked(bytes, 65_536));
    expect(sha256Digest(await bytesOf(store, digest))).toBe(digest);
  });

  test(`${name}: the empty blob is a blob`, async () => {
    const store = await create();
    const { digest, sizeBytes } = await store.put(chunked(new Uint8Array(0), 1));
    expect(sizeBytes).toBe(0);
    expect(await bytesOf(store, digest)).toEqual(new Uint8Array(0));
    expect(await store.has(digest)).toBe(true);
  });

  test(`${name}: storing twice is storing once`, async () => {
    const store = await create();
    const [first, second] = await Promise.all([store.put(chunked(sample(), 2)), store.put(chunked(sample(), 3))]);
    expect(second).toEqual(first);
    await store.delete(first.digest);
    expect(await store.has(first.digest)).toBe(false);
  });

  test(`${name}: what is not stored is not found`, async () => {
    const store = await create();
    const digest = sha256Digest(sample());
    expect(await store.has(digest)).toBe(false);
    await expect(store.size(digest)).rejects.toMatchObject({ name: "FlError", code: "not-found" });
    await expect(bytesOf(store, digest)).rejects.toMatchObject({ name: "FlError", code: "not-found" });
  });

  test(`${name}: deleting leaves the other blobs, and deleting again does nothing`, async () => {
    const store = await create();
    const gone = await store.put(chunked(sample(), 2));
    const kept = await store.put(chunked(Uint8Array.of(9, 9), 2));
    await store.delete(gone.digest);
    await store.delete(gone.digest);
    await expect(bytesOf(store, gone.digest)).rejects.toMatchObject({ code: "not-found" });
    expect(await bytesOf(store, kept.digest)).toEqual(Uint8Array.of(9, 9));
    expect(await store.put(chunked(sample(), 4))).toEqual(gone);
    expect(await bytesOf(store, gone.digest)).toEqual(sample());
  });

  test(`${name}: a source that fails half way stores nothing, and its error passes through`, async () => {
    const store = await create();
    const failure = new RangeError("the peer went away");
    await expect(store.put(failing(sample(), failure))).rejects.toBe(failure);
    expect(await store.has(sha256Digest(sample()))).toBe(false);
    expect((await store.put(chunked(sample(), 1))).sizeBytes).toBe(sample().length);
  });

  test(`${name}: neither the writer's chunks nor the reader's are the store's own`, async () => {
    const store = await create();
    const reused = new Uint8Array(2);
    const { digest } = await store.put(refilling(reused, [1, 2, 3]));
    reused.fill(0);
    for await (const chunk of store.get(digest)) chunk.fill(0xff);
    expect(await bytesOf(store, digest)).toEqual(Uint8Array.of(1, 1, 2, 2, 3, 3));
  });

  test(`${name}: a reader that stops early harms no one`, async () => {
    const store = await create();
    const { digest } = await store.put(chunked(sample(), 1));
    for await (const chunk of store.get(digest)) {
      expect(chunk.length).toBeGreaterThan(0);
      break;
    }
    expect(await bytesOf(store, digest)).toEqual(sample());
  });

  test(`${name}: many blobs at once do not mix`, async () => {
    const store = await create();
    const blobs = Array.from({ length: 12 }, (_, i) => new Uint8Array(1_000 + i).fill(i));
    const stored = await Promise.all(blobs.map((bytes) => store.put(chunked(bytes, 97))));
    const read = await Promise.all(stored.map(({ digest }) => bytesOf(store, digest)));
    expect(read).toEqual(blobs);
  });

  test(`${name}: a digest nobody put is just not there`, async () => {
    const store = await create();
    await store.put(chunked(sample(), 2));
    expect(await store.has(digestFromBytes(new Uint8Array(32)))).toBe(false);
  });
}

function sample(): Uint8Array {
  return Uint8Array.of(3, 1, 4, 1, 5, 9, 2, 6);
}

async function* chunked(bytes: Uint8Array, cutBytes: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += cutBytes) yield bytes.slice(at, at + cutBytes);
}

async function* failing(bytes: Uint8Array, failure: Error): AsyncGenerator<Uint8Array> {
  yield bytes;
  throw failure;
}

async function* refilling(buffer: Uint8Array, values: readonly number[]): AsyncGenerator<Uint8Array> {
  for (const value of values) yield buffer.fill(value);
}

async function bytesOf(store: BlobStore, digest: Digest): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of store.get(digest)) chunks.push(chunk);
  return new Uint8Array(await new Blob(chunks.map((chunk) => Uint8Array.from(chunk))).arrayBuffer());
}
