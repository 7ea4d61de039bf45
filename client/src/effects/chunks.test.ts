import { concatBytes } from "@sotto/base";
import { expect, test } from "vitest";
import { chunkSizeBytes, chunksOf } from "./chunks.ts";

test.each([0, 1, chunkSizeBytes - 1, chunkSizeBytes, chunkSizeBytes + 1, 3 * chunkSizeBytes])(
  "%d bytes go in order and in chunks of at most 256 KiB",
  async (size) => {
    const bytes = Uint8Array.from({ length: size }, (_, i) => i % 251);
    const chunks: Uint8Array[] = [];
    for await (const chunk of chunksOf(bytes)) chunks.push(chunk);
    expect(chunks).toHaveLength(Math.ceil(size / chunkSizeBytes));
    expect(chunks.every((chunk) => chunk.length <= chunkSizeBytes)).toBe(true);
    expect(Buffer.compare(concatBytes(...chunks), bytes)).toBe(0);
  },
);
