import type { Digest } from "@sotto/base";
import { createSha256 } from "@sotto/crypto";
import { type BlobStore, blobNotFound, type StoredBlob } from "./blob-store.ts";

interface HeldBlob {
  readonly chunks: readonly Uint8Array[];
  readonly sizeBytes: number;
}

/** A {@link BlobStore} in this process, for simulations and tests: it survives nothing. For real use: `directoryBlobs`. */
export function memoryBlobs(): BlobStore {
  const held = new Map<Digest, HeldBlob>();
  return {
    put: (chunks) => hold(held, chunks),
    async *get(digest) {
      for (const chunk of heldBlob(held, digest).chunks) yield Uint8Array.from(chunk);
    },
    async size(digest) {
      return heldBlob(held, digest).sizeBytes;
    },
    async has(digest) {
      return held.has(digest);
    },
    async delete(digest) {
      held.delete(digest);
    },
  };
}

async function hold(held: Map<Digest, HeldBlob>, chunks: AsyncIterable<Uint8Array>): Promise<StoredBlob> {
  const copies: Uint8Array[] = [];
  const hash = createSha256();
  let sizeBytes = 0;
  for await (const chunk of chunks) {
    const copy = Uint8Array.from(chunk);
    hash.update(copy);
    sizeBytes += copy.length;
    copies.push(copy);
  }
  const digest = hash.digest();
  held.set(digest, { chunks: copies, sizeBytes });
  return { digest, sizeBytes };
}

function heldBlob(held: ReadonlyMap<Digest, HeldBlob>, digest: Digest): HeldBlob {
  const blob = held.get(digest);
  if (blob === undefined) throw blobNotFound(digest);
  return blob;
}
