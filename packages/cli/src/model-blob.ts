import { FlError } from "@sotto/base";
import { createSha256 } from "@sotto/crypto";
import type { BlobStream } from "@sotto/protocol";
import { type ModelVector, toModelVector } from "@sotto/vector";

const chunkBytes = 256 * 1024;

/** A model as it travels: float32, little endian, in layout order, in pieces of 256 KiB. */
export async function* modelChunks(model: ModelVector): AsyncGenerator<Uint8Array> {
  const bytes = new Uint8Array(4 * model.length);
  const view = new DataView(bytes.buffer);
  model.forEach((value, i) => {
    view.setFloat32(4 * i, value, true);
  });
  for (let offset = 0; offset < bytes.length; offset += chunkBytes) yield bytes.subarray(offset, offset + chunkBytes);
}

/**
 * The model of a blob that arrives; the caller owns it.
 * @throws FlError `data-loss` when its length or digest is not the declared one; `invalid-argument` when a value is not finite
 */
export async function readModel(blob: BlobStream): Promise<ModelVector> {
  const bytes = new Uint8Array(blob.sizeBytes);
  const hash = createSha256();
  let offset = 0;
  for await (const chunk of blob.chunks) {
    if (offset + chunk.length > bytes.length) throw damaged(blob, `more than ${bytes.length} bytes`);
    bytes.set(chunk, offset);
    hash.update(chunk);
    offset += chunk.length;
  }
  if (offset < bytes.length || bytes.length % 4 !== 0) throw damaged(blob, `${offset} of ${bytes.length} bytes`);
  const digest = hash.digest();
  if (digest !== blob.digest) throw damaged(blob, `bytes with the digest ${digest}`);
  const view = new DataView(bytes.buffer);
  return toModelVector(Float32Array.from({ length: bytes.length / 4 }, (_, i) => view.getFloat32(4 * i, true)));
}

function damaged(blob: BlobStream, arrived: string): FlError {
  return new FlError("data-loss", `of the model ${blob.digest} ${arrived} arrived`);
}
