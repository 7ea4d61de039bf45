import { sha256Digest } from "@sotto/crypto";
import { type ChunkPart, limits } from "@sotto/wire";
import fc from "fast-check";
import { expect, test } from "vitest";
import { patterned } from "./contract/connection.ts";
import { toChunks, toSummarisedChunks } from "./outgoing.ts";

const max = limits.chunkSizeBytesMax;
const sizes = fc.array(fc.oneof(fc.nat(40), fc.constantFrom(0, max - 1, max, max + 1, 2 * max)), { maxLength: 6 });

async function* piecesOf(sizesBytes: readonly number[]): AsyncGenerator<Uint8Array, void, undefined> {
  for (const sizeBytes of sizesBytes) yield patterned(sizeBytes);
}

async function all<T>(values: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const value of values) list.push(value);
  return list;
}

function joined(chunks: readonly ChunkPart[]): Buffer {
  return Buffer.concat(chunks.map(({ data }) => data));
}

test("pieces of any size become chunks in order, none too large, the last alone marked", async () => {
  await fc.assert(
    fc.asyncProperty(sizes, async (sizesBytes) => {
      const chunks = await all(toChunks(piecesOf(sizesBytes)));
      expect(Buffer.compare(joined(chunks), Buffer.concat(sizesBytes.map(patterned)))).toBe(0);
      expect(chunks.map(({ last }) => last)).toEqual(chunks.map((_, i) => i === chunks.length - 1));
      for (const { data } of chunks) expect(data.length).toBeLessThanOrEqual(max);
      if (chunks.length > 1) for (const { data } of chunks) expect(data.length).toBeGreaterThan(0);
    }),
    { numRuns: 20 },
  );
});

test("a blob of unknown length is followed by what it added up to", async () => {
  await fc.assert(
    fc.asyncProperty(sizes, async (sizesBytes) => {
      const parts = await all(toSummarisedChunks(piecesOf(sizesBytes)));
      const chunks = parts.filter((part) => part.kind === "chunk");
      const whole = Buffer.concat(sizesBytes.map(patterned));
      expect(Buffer.compare(joined(chunks), whole)).toBe(0);
      expect(chunks.some(({ last }) => last)).toBe(false);
      expect(parts.at(-1)).toEqual({ kind: "summary", summary: { digest: sha256Digest(whole), sizeBytes: whole.length } });
    }),
    { numRuns: 20 },
  );
});
