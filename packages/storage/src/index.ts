export type { BlobStore, StoredBlob } from "./blob-store.ts";
export { directoryBlobs } from "./directory-blobs.ts";
export { makeFolder, onDisk, partialSuffix, readIfThere, removeFile, replaceFile } from "./disk.ts";
export { memoryBlobs } from "./memory-blobs.ts";
