import type { Digest } from "@sotto/base";
import { sha256Digest } from "@sotto/crypto";
import type { BlobStream } from "@sotto/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import { chunksOf, readBlob } from "./blob-bytes.ts";

function blobOf(bytes: Uint8Array, declared: { digest?: Digest; sizeBytes?: number } = {}): BlobStream {
  return { digest: sha256Digest(bytes), sizeBytes: bytes.length, chunks: chunksOf(bytes), ...declared };
}

test("a blob comes back byte for byte, whatever its length", async () => {
  for (const length of [0, 1, 256 * 1024, 256 * 1024 + 1]) {
    const bytes = new Uint8Array(length).fill(length % 251);
    expect(await readBlob(blobOf(bytes))).toEqual(bytes);
  }
});

test("a blob that is not what was declared is refused", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 64 }), async (bytes) => {
      const wrong = [
        { sizeBytes: bytes.length - 1 },
        { sizeBytes: bytes.length + 1 },
        { digest: sha256Digest(Uint8Array.of(...bytes, 0)) },
      ];
      for (const declared of wrong) await expect(readBlob(blobOf(bytes, declared))).rejects.toMatchObject({ code: "data-loss" });
    }),
  );
});
