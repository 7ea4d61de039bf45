import { FlError } from "@sotto/base";
import { sha256Digest } from "@sotto/crypto";
import type { BlobStream, CoordinatorFace } from "@sotto/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import { fetchModel } from "./fetch-model.ts";

const signal = new AbortController().signal;

/** The one call a download makes of a face; the others are not there to be called. */
function faceWith(blob: Partial<BlobStream>, bytes: Uint8Array, chunkSize = 3): Pick<CoordinatorFace, "downloadModel"> {
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (let i = 0; i < bytes.length; i += chunkSize) yield bytes.subarray(i, i + chunkSize);
  }
  return { downloadModel: async () => ({ digest: sha256Digest(bytes), sizeBytes: bytes.length, chunks: chunks(), ...blob }) };
}

function bytesOf(values: readonly number[]): Uint8Array {
  return new Uint8Array(Float32Array.from(values).buffer);
}

test("a model arrives as it was sent, whatever the chunks", async () => {
  const values = fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 50 });
  await fc.assert(
    fc.asyncProperty(values, fc.integer({ min: 1, max: 64 }), async (model, chunkSize) => {
      const bytes = bytesOf(model);
      const wanted = { digest: sha256Digest(bytes), sizeBytes: bytes.length };
      expect([...(await fetchModel(faceWith({}, bytes, chunkSize), wanted, signal))]).toEqual(model);
    }),
  );
});

const bytes = bytesOf([1, 2, 3]);
const wanted = { digest: sha256Digest(bytes), sizeBytes: 12 };

test.each<[string, Partial<BlobStream>, Uint8Array]>([
  ["another digest is declared", { digest: sha256Digest(bytes.subarray(1)) }, bytes],
  ["another size is declared", { sizeBytes: 16 }, bytes],
  ["the bytes end early", { digest: wanted.digest, sizeBytes: 12 }, bytes.subarray(0, 8)],
  ["the bytes go on", { digest: wanted.digest, sizeBytes: 12 }, bytesOf([1, 2, 3, 4])],
  ["the bytes are others", { digest: wanted.digest }, bytesOf([1, 2, 4])],
])("a model is refused when %s", async (_, blob, sent) => {
  await expect(fetchModel(faceWith(blob, sent), wanted, signal)).rejects.toMatchObject({ code: "data-loss" });
});

test("a model with a parameter that is not finite is refused", async () => {
  const poisoned = bytesOf([1, Number.NaN, 3]);
  const order = { digest: sha256Digest(poisoned), sizeBytes: 12 };
  await expect(fetchModel(faceWith({}, poisoned), order, signal)).rejects.toThrow(FlError);
});
