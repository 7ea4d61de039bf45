import { blobStoreContract } from "./contract.ts";
import { memoryBlobs } from "./memory-blobs.ts";

blobStoreContract("memory", async () => memoryBlobs());
