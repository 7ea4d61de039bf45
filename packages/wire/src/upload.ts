import type { MessageInitShape } from "@bufbuild/protobuf";
import { assertNever, FlError } from "@sotto/base";
import type { UploadDeclaration } from "@sotto/protocol";
import { type ChunkPart, encodeChunk, readChunk } from "./chunk.ts";
import { type Codec, codec } from "./codec.ts";
import { missing, wideCount } from "./fields.ts";
import {
  type UploadContributionRequest,
  UploadContributionRequestSchema,
  type UploadDeclaration as UploadDeclarationMessage,
} from "./gen/sotto/v1/coordinator_service_pb.ts";
import { limits } from "./limits.ts";
import { readPosition, writePosition } from "./position.ts";
import { readHeader, writeHeader } from "./secagg.ts";

/** One message of an upload: first the declaration, then chunks. */
export type UploadPart = { readonly kind: "declaration"; readonly declaration: UploadDeclaration } | ChunkPart;

/** What `UploadContribution` sends. */
export const uploadCodec: Codec<UploadPart> = codec(UploadContributionRequestSchema, {
  what: "part of an upload",
  sizeBytesMax: limits.partSizeBytesMax,
  write: writePart,
  read: ({ part }) => readPart(part),
});

function writePart(part: UploadPart): MessageInitShape<typeof UploadContributionRequestSchema> | Uint8Array {
  if (part.kind === "chunk") return encodeChunk(part);
  const { position, header, sizeBytes } = part.declaration;
  const value = { position: writePosition(position), header: writeHeader(header), sizeBytes: BigInt(sizeBytes) };
  return { part: { case: "declaration", value } };
}

function readPart(part: UploadContributionRequest["part"]): UploadPart {
  switch (part.case) {
    case "declaration":
      return { kind: "declaration", declaration: readDeclaration(part.value) };
    case "chunk":
      return readChunk(part.value);
    case undefined:
      return missing("part of an upload");
    default:
      return assertNever(part);
  }
}

function readDeclaration(message: UploadDeclarationMessage): UploadDeclaration {
  const { contributionSizeBytesMax } = limits;
  const sizeBytes = wideCount(message.sizeBytes, { max: contributionSizeBytesMax, what: "bytes of a contribution" });
  if (sizeBytes === 0) throw new FlError("invalid-argument", "contribution of 0 bytes must have at least 1");
  return { position: readPosition(message.position), header: readHeader(message.header), sizeBytes };
}
