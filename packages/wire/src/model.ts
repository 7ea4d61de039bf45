import type { MessageInitShape } from "@bufbuild/protobuf";
import { assertNever, parseTaskId, type TaskId } from "@sotto/base";
import { type BlobSummary, readSummary, writeSummary } from "./blob.ts";
import { type ChunkPart, encodeChunk, readChunk } from "./chunk.ts";
import { type Codec, codec } from "./codec.ts";
import { count, missing, someBytes } from "./fields.ts";
import {
  GetModelRequestSchema,
  type GetModelResponse,
  GetModelResponseSchema,
  type ModelHeader as ModelHeaderMessage,
} from "./gen/sotto/v1/admin_service_pb.ts";
import { limits } from "./limits.ts";

/** What a task's model belongs to and adds up to. */
export interface ModelHeader {
  /** Canonical JSON of the task's plan. */
  readonly plan: Uint8Array;
  /** The round that made it; 0 for the initial model. */
  readonly round: number;
  readonly blob: BlobSummary;
}

/** One message of a task's model: first the header, then chunks. */
export type ModelPart = { readonly kind: "header"; readonly header: ModelHeader } | ChunkPart;

/** What `GetModel` asks with. */
export const modelTaskCodec: Codec<TaskId> = codec(GetModelRequestSchema, {
  what: "model request",
  sizeBytesMax: limits.requestSizeBytesMax,
  write: (task) => ({ task }),
  read: ({ task }) => parseTaskId(task),
});

/** What `GetModel` sends. */
export const taskModelCodec: Codec<ModelPart> = codec(GetModelResponseSchema, {
  what: "part of a model",
  sizeBytesMax: limits.messageSizeBytesMax,
  write: writePart,
  read: ({ part }) => readPart(part),
});

function writePart(part: ModelPart): MessageInitShape<typeof GetModelResponseSchema> | Uint8Array {
  if (part.kind === "chunk") return encodeChunk(part);
  const { plan, round, blob } = part.header;
  return { part: { case: "header", value: { plan, round, blob: writeSummary(blob) } } };
}

function readPart(part: GetModelResponse["part"]): ModelPart {
  switch (part.case) {
    case "header":
      return { kind: "header", header: readHeader(part.value) };
    case "chunk":
      return readChunk(part.value);
    case undefined:
      return missing("part of a model");
    default:
      return assertNever(part);
  }
}

function readHeader({ plan, round, blob }: ModelHeaderMessage): ModelHeader {
  return {
    plan: someBytes(plan, { sizeBytesMax: limits.planSizeBytesMax, what: "plan" }),
    round: count(round, "rounds"),
    blob: readSummary(blob, limits.modelSizeBytesMax),
  };
}
