/** Bytes of one piece of an upload: within 20 % of the best throughput, and small enough to keep memory bounded (PLATFORM 1). */
export const chunkSizeBytes: number = 256 * 1024;

/** The bytes in order, in views of at most {@link chunkSizeBytes}: nothing is copied. */
export async function* chunksOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let offset = 0; offset < bytes.length; offset += chunkSizeBytes) {
    yield bytes.subarray(offset, offset + chunkSizeBytes);
  }
}
