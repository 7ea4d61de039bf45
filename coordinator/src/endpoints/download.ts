import { type Digest, FlError } from "@sotto/base";
import type { BlobStream, CoordinatorFace } from "@sotto/protocol";
import type { Loop } from "../loop.ts";
import { interruptible } from "./interruptible.ts";

/** Models by digest: those that are some task's now, and no other blob of the store. */
export function createDownloadModel(loop: Loop): CoordinatorFace["downloadModel"] {
  return async (digest, signal) => {
    const isCurrent = [...loop.tasks.values()].some((task) => task.modelDigest === digest);
    if (!isCurrent) throw new FlError("not-found", `model ${digest} is not that of a task`);
    return blobStream(loop, digest, signal);
  };
}

/** A stored blob, to be read. @throws FlError `not-found` */
export async function blobStream(loop: Loop, digest: Digest, signal: AbortSignal): Promise<BlobStream> {
  const { blobs } = loop.ports;
  return { digest, sizeBytes: await blobs.size(digest), chunks: interruptible(blobs.get(digest), signal) };
}
