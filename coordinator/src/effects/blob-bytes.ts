import { type Digest, FlError } from "@sotto/base";
import type { BlobStore } from "@sotto/storage";
import { chunksOf } from "@sotto/transport";

/** Stores bytes; when it resolves they are durable. */
export async function putBytes(blobs: BlobStore, bytes: Uint8Array): Promise<Digest> {
  return (await blobs.put(chunksOf(bytes))).digest;
}

/** Joins chunks into exactly `sizeBytes`. @throws FlError `invalid-argument` when there are fewer or more */
export async function gather(chunks: AsyncIterable<Uint8Array>, sizeBytes: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(sizeBytes);
  let offset = 0;
  for await (const chunk of chunks) {
    if (offset + chunk.length > sizeBytes) throw new FlError("invalid-argument", `more bytes came than the ${sizeBytes} expected`);
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  if (offset < sizeBytes) throw new FlError("invalid-argument", `${offset} bytes came of the ${sizeBytes} expected`);
  return bytes;
}
