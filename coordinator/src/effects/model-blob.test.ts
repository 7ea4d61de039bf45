import { memoryBlobs } from "@sotto/storage";
import { toModelVector } from "@sotto/vector";
import fc from "fast-check";
import { expect, test } from "vitest";
import { chunksOf, decodeModel, encodeModel, gather, putBytes } from "./model-blob.ts";

test("a model is float32, little endian, in order", () => {
  expect([...encodeModel(toModelVector(Float32Array.of(1, -2)))]).toEqual([0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0]);
});

test("every model comes back bit for bit, through any store", async () => {
  const values = fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 64 });
  await fc.assert(
    fc.asyncProperty(values, async (list) => {
      const model = toModelVector(Float32Array.from(list));
      const bytes = encodeModel(model);
      const blobs = memoryBlobs();
      const digest = await putBytes(blobs, bytes);
      expect(decodeModel(await gather(blobs.get(digest), bytes.length))).toEqual(model);
    }),
  );
});

test("bytes that are not a model, or not as many as expected, are refused", async () => {
  expect(() => decodeModel(new Uint8Array(5))).toThrow("multiple of 4");
  expect(() => decodeModel(new Uint8Array(4).fill(0xff))).toThrow("not finite");
  await expect(gather(chunksOf(new Uint8Array(8)), 12)).rejects.toThrow("8 bytes came of the 12 expected");
  await expect(gather(chunksOf(new Uint8Array(16)), 12)).rejects.toThrow("more bytes came");
});
