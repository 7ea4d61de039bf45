import { type Digest, FlError } from "@sotto/base";
import { createSha256 } from "@sotto/crypto";
import type { BlobStream, CoordinatorFace } from "@sotto/protocol";
import { type ModelVector, toModelVector } from "@sotto/vector";

/** Which model is wanted, as the offer names it. */
export interface WantedModel {
  readonly digest: Digest;
  /** 4 a parameter; checked against the policy before. */
  readonly sizeBytes: number;
}

/**
 * Downloads a model and checks that it is the one asked for, to the byte: the digest is in every key of the session.
 * @throws FlError `data-loss` when length or digest differ, `invalid-argument` when a parameter is not finite, or what the face throws
 */
export async function fetchModel(
  face: Pick<CoordinatorFace, "downloadModel">,
  wanted: WantedModel,
  signal: AbortSignal,
): Promise<ModelVector> {
  const blob = await face.downloadModel(wanted.digest, signal);
  if (blob.digest !== wanted.digest || blob.sizeBytes !== wanted.sizeBytes) {
    throw new FlError("data-loss", `model ${blob.digest} of ${blob.sizeBytes} bytes came for ${wanted.digest} of ${wanted.sizeBytes}`);
  }
  return toModelVector(float32From(await readWhole(blob)));
}

async function readWhole({ chunks, digest, sizeBytes }: BlobStream): Promise<Uint8Array> {
  const bytes = new Uint8Array(sizeBytes);
  const hash = createSha256();
  let offset = 0;
  for await (const chunk of chunks) {
    if (offset + chunk.length > sizeBytes) throw new FlError("data-loss", `model ${digest} is longer than ${sizeBytes} bytes`);
    bytes.set(chunk, offset);
    hash.update(chunk);
    offset += chunk.length;
  }
  if (offset !== sizeBytes) throw new FlError("data-loss", `model ${digest} ended after ${offset} of ${sizeBytes} bytes`);
  const actual = hash.digest();
  if (actual !== digest) throw new FlError("data-loss", `model ${digest} has the digest ${actual}`);
  return bytes;
}

/** float32 little endian, whatever the machine's own order. */
function float32From(bytes: Uint8Array): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values = new Float32Array(bytes.length / 4);
  for (let i = 0; i < values.length; i++) values[i] = view.getFloat32(4 * i, true);
  return values;
}
