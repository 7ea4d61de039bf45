import { FlError } from "@sotto/base";
import { createSha256 } from "@sotto/crypto";
import type { BlobStream } from "@sotto/protocol";

const chunkSizeBytes = 256 * 1024;

/** Bytes in pieces of 256 KiB: views of them, nothing is copied. */
export async function* chunksOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let offset = 0; offset < bytes.length; offset += chunkSizeBytes) yield bytes.subarray(offset, offset + chunkSizeBytes);
}

/** All bytes of a blob; the caller owns them. @throws FlError `data-loss` when length or digest are not the declared ones */
export async function readBlob({ chunks, digest, sizeBytes }: BlobStream): Promise<Uint8Array> {
  const bytes = new Uint8Array(sizeBytes);
  const hash = createSha256();
  let offset = 0;
  for await (const chunk of chunks) {
    if (offset + chunk.length > sizeBytes) throw new FlError("data-loss", `blob ${digest} is longer than ${sizeBytes} bytes`);
    bytes.set(chunk, offset);
    hash.update(chunk);
    offset += chunk.length;
  }
  if (offset !== sizeBytes) throw new FlError("data-loss", `blob ${digest} ended after ${offset} of ${sizeBytes} bytes`);
  const actual = hash.digest();
  if (actual !== digest) throw new FlError("data-loss", `blob ${digest} has the digest ${actual}`);
  return bytes;
}
