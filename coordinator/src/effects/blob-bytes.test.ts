import { memoryBlobs } from "@sotto/storage";
import { chunksOf } from "@sotto/transport";
import fc from "fast-check";
import { expect, test } from "vitest";
import { gather, putBytes } from "./blob-bytes.ts";

test("every blob comes back byte for byte, through a store", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 64 }), async (bytes) => {
      const blobs = memoryBlobs();
      const digest = await putBytes(blobs, bytes);
      expect(await gather(blobs.get(digest), bytes.length)).toEqual(bytes);
    }),
  );
});

test("fewer or more bytes than expected are refused", async () => {
  await expect(gather(chunksOf(new Uint8Array(8)), 12)).rejects.toThrow("8 bytes came of the 12 expected");
  await expect(gather(chunksOf(new Uint8Array(16)), 12)).rejects.toThrow("more bytes came");
});
