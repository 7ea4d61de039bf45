export type { BlobStore, StoredBlob } from "./blob-store.ts";
export { directoryBlobs } from "./directory-blobs.ts";
export { memoryBlobs } from "./memory-blobs.ts";
