import { type Digest, toHex } from "@sotto/base";
import { sha256Digest } from "@sotto/crypto";
import type { BlobStream } from "@sotto/protocol";
import { toModelVector } from "@sotto/vector";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { modelChunks, readModel } from "./model-blob.ts";

async function bytesOf(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return new Uint8Array(Buffer.concat(parts));
}

async function* pieces(bytes: Uint8Array, sizeBytes: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += sizeBytes) yield bytes.subarray(at, at + sizeBytes);
}

function blobOf(bytes: Uint8Array, declared: { digest?: Digest; sizeBytes?: number } = {}): BlobStream {
  return { digest: sha256Digest(bytes), sizeBytes: bytes.length, chunks: pieces(bytes, 7), ...declared };
}

describe("a model on its way", () => {
  test("1 and -2 are IEEE 754 singles, little endian", async () => {
    expect(toHex(await bytesOf(modelChunks(toModelVector(Float32Array.of(1, -2)))))).toBe("0000803f000000c0");
  });

  test("any model comes back, bit for bit", async () => {
    await fc.assert(
      fc.asyncProperty(fc.float32Array({ minLength: 1, noNaN: true, noDefaultInfinity: true }), async (values) => {
        const model = toModelVector(values);
        const bytes = await bytesOf(modelChunks(model));
        expect(await readModel(blobOf(bytes))).toEqual(model);
      }),
    );
  });

  test("a model that is not what was declared is refused", async () => {
    const bytes = await bytesOf(modelChunks(toModelVector(Float32Array.of(1, 2, 3))));
    for (const declared of [{ sizeBytes: 8 }, { sizeBytes: 16 }, { digest: sha256Digest(Uint8Array.of(1)) }]) {
      await expect(readModel(blobOf(bytes, declared))).rejects.toMatchObject({ code: "data-loss" });
    }
    await expect(readModel(blobOf(Uint8Array.of(1, 2, 3)))).rejects.toMatchObject({ code: "data-loss" });
  });
});
