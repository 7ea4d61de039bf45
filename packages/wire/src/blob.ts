import type { MessageInitShape } from "@bufbuild/protobuf";
import { assertNever, type Digest, digestBytes, digestFromBytes } from "@sotto/base";
import { type ChunkPart, encodeChunk, readChunk } from "./chunk.ts";
import { type Codec, codec } from "./codec.ts";
import { missing, present, wideCount } from "./fields.ts";
import type { BlobSummary as BlobSummaryMessage, BlobSummarySchema } from "./gen/sotto/v1/blob_pb.ts";
import {
  DownloadModelRequestSchema,
  type DownloadModelResponse,
  DownloadModelResponseSchema,
  GetRosterRequestSchema,
  type GetRosterResponse,
  GetRosterResponseSchema,
} from "./gen/sotto/v1/coordinator_service_pb.ts";
import { limits } from "./limits.ts";

/** What a stream of chunks adds up to. */
export interface BlobSummary {
  readonly digest: Digest;
  readonly sizeBytes: number;
}

/** One message of a blob on its way down: first the summary, then chunks. */
export type BlobPart = { readonly kind: "summary"; readonly summary: BlobSummary } | ChunkPart;

/** What `DownloadModel` asks with. */
export const modelDigestCodec: Codec<Digest> = codec(DownloadModelRequestSchema, {
  what: "model request",
  sizeBytesMax: limits.requestSizeBytesMax,
  write: (digest) => ({ digest: digestBytes(digest) }),
  read: ({ digest }) => digestFromBytes(digest),
});

/** What `GetRoster` asks with. */
export const rosterDigestCodec: Codec<Digest> = codec(GetRosterRequestSchema, {
  what: "roster request",
  sizeBytesMax: limits.requestSizeBytesMax,
  write: (digest) => ({ digest: digestBytes(digest) }),
  read: ({ digest }) => digestFromBytes(digest),
});

/** What `DownloadModel` sends. */
export const modelBlobCodec: Codec<BlobPart> = codec(DownloadModelResponseSchema, {
  what: "part of a model",
  sizeBytesMax: limits.partSizeBytesMax,
  write: writePart,
  read: ({ part }) => readPart(part, limits.modelSizeBytesMax),
});

/** What `GetRoster` sends. */
export const rosterBlobCodec: Codec<BlobPart> = codec(GetRosterResponseSchema, {
  what: "part of a roster",
  sizeBytesMax: limits.partSizeBytesMax,
  write: writePart,
  read: ({ part }) => readPart(part, limits.rosterSizeBytesMax),
});

/** A summary as a message. */
export function writeSummary({ digest, sizeBytes }: BlobSummary): MessageInitShape<typeof BlobSummarySchema> {
  return { digest: digestBytes(digest), sizeBytes: BigInt(sizeBytes) };
}

/** A summary of a blob that may be so large. @throws FlError `invalid-argument`, `resource-exhausted` */
export function readSummary(message: BlobSummaryMessage | undefined, sizeBytesMax: number): BlobSummary {
  const { digest, sizeBytes } = present(message, "blob summary");
  return { digest: digestFromBytes(digest), sizeBytes: wideCount(sizeBytes, { max: sizeBytesMax, what: "bytes of a blob" }) };
}

/** As `DownloadModel` and `GetRoster` both have it. */
interface SummaryPart {
  part: { case: "summary"; value: MessageInitShape<typeof BlobSummarySchema> };
}

function writePart(part: BlobPart): Uint8Array | SummaryPart {
  if (part.kind === "chunk") return encodeChunk(part);
  return { part: { case: "summary", value: writeSummary(part.summary) } };
}

function readPart(part: (DownloadModelResponse | GetRosterResponse)["part"], sizeBytesMax: number): BlobPart {
  switch (part.case) {
    case "summary":
      return { kind: "summary", summary: readSummary(part.value, sizeBytesMax) };
    case "chunk":
      return readChunk(part.value);
    case undefined:
      return missing("part of a blob");
    default:
      return assertNever(part);
  }
}
