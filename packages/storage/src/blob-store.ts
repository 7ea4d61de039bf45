import { type Digest, FlError } from "@sotto/base";

/** What a blob is known by: its SHA-256 digest, and its length in bytes. */
export interface StoredBlob {
  readonly digest: Digest;
  readonly sizeBytes: number;
}

/**
 * Models and rosters by SHA-256 digest. A blob never changes, so storing one twice is storing it once, and many readers and
 * writers may use one store at a time. For what changes, use a journal instead.
 */
export interface BlobStore {
  /**
   * Stores the joined `chunks`; when this resolves, the blob survives what the store survives. Keeps no reference to a chunk.
   * Whoever calls bounds the length. When `chunks` throws, nothing is stored and the error passes through.
   * @throws FlError `resource-exhausted` when there is no room, `internal` when the store fails
   */
  put(chunks: AsyncIterable<Uint8Array>): Promise<StoredBlob>;
  /**
   * The bytes of a blob in order, in chunks of any size that the reader owns. The last chunk comes only after the digest held,
   * so whoever has all the bytes has the blob.
   * @throws FlError (while iterating) `not-found`, `data-loss` when the stored bytes have another digest
   */
  get(digest: Digest): AsyncIterable<Uint8Array>;
  /** Length of a blob in bytes. @throws FlError `not-found` */
  size(digest: Digest): Promise<number>;
  /** Whether the blob is stored; its bytes are not looked at. */
  has(digest: Digest): Promise<boolean>;
  /** Forgets a blob; does nothing when it is not stored. A reader already iterating may still come to its end. */
  delete(digest: Digest): Promise<void>;
}

/** The error for a blob that is not stored. */
export function blobNotFound(digest: Digest): FlError {
  return new FlError("not-found", `blob ${digest} is not stored`);
}
