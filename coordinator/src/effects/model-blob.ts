import { type Digest, FlError } from "@sotto/base";
import type { BlobStore } from "@sotto/storage";
import { type ModelVector, toModelVector } from "@sotto/vector";

const chunkBytes = 256 * 1024;

/** A model as it is stored and sent: float32, little endian, in layout order. */
export function encodeModel(model: ModelVector): Uint8Array {
  const bytes = new Uint8Array(4 * model.length);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < model.length; i++) view.setFloat32(4 * i, model[i]!, true);
  return bytes;
}

/** @throws FlError `invalid-argument` unless a whole number of finite float32 values */
export function decodeModel(bytes: Uint8Array): ModelVector {
  if (bytes.length % 4 !== 0) throw new FlError("invalid-argument", `a model of ${bytes.length} bytes must have a multiple of 4`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values = new Float32Array(bytes.length / 4);
  for (let i = 0; i < values.length; i++) values[i] = view.getFloat32(4 * i, true);
  return toModelVector(values);
}

/** Stores bytes; when it resolves they are durable. */
export async function putBytes(blobs: BlobStore, bytes: Uint8Array): Promise<Digest> {
  return (await blobs.put(chunksOf(bytes))).digest;
}

/** Bytes in pieces that never are a whole model. */
export async function* chunksOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let offset = 0; offset < bytes.length; offset += chunkBytes) yield bytes.subarray(offset, offset + chunkBytes);
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
