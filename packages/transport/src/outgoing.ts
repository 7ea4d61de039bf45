import { createSha256 } from "@sotto/crypto";
import { type BlobSummary, type ChunkPart, limits } from "@sotto/wire";

/**
 * A blob as the chunks that travel: pieces of any size become chunks of at most 256 KiB, the last of them marked. An empty
 * blob is one empty chunk. The chunks are views of the pieces.
 */
export async function* toChunks(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<ChunkPart, void, undefined> {
  let held: Uint8Array = new Uint8Array();
  for await (const data of slices(pieces)) {
    // One behind: only when there is another is it known that this was not the last.
    if (held.length > 0) yield { kind: "chunk", data: held, last: false };
    held = data;
  }
  yield { kind: "chunk", data: held, last: true };
}

/** A blob whose length nobody knew before: chunks, none marked last, then what they add up to. */
export async function* toSummarisedChunks(
  pieces: AsyncIterable<Uint8Array>,
): AsyncGenerator<ChunkPart | { readonly kind: "summary"; readonly summary: BlobSummary }, void, undefined> {
  const hash = createSha256();
  let sizeBytes = 0;
  for await (const data of slices(pieces)) {
    hash.update(data);
    sizeBytes += data.length;
    yield { kind: "chunk", data, last: false };
  }
  yield { kind: "summary", summary: { digest: hash.digest(), sizeBytes } };
}

async function* slices(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const piece of pieces)
    for (let start = 0; start < piece.length; start += limits.chunkSizeBytesMax)
      yield piece.subarray(start, start + limits.chunkSizeBytesMax);
}
