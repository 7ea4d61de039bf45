import type { MessageInitShape } from "@bufbuild/protobuf";
import { assertNever, parseTaskId, type TaskId } from "@sotto/base";
import { type BlobSummary, readSummary, writeSummary } from "./blob.ts";
import { type ChunkPart, encodeChunk, readChunk } from "./chunk.ts";
import { type Codec, codec } from "./codec.ts";
import { missing, someBytes } from "./fields.ts";
import { type SubmitTaskRequest, SubmitTaskRequestSchema, SubmitTaskResponseSchema } from "./gen/sotto/v1/admin_service_pb.ts";
import { limits } from "./limits.ts";

/**
 * One message of a new task: its specification, the chunks of its initial model, and what they added up to; that comes
 * last, since who streams a model from a file knows its digest only at the end.
 */
export type TaskPart =
  | { readonly kind: "spec"; readonly spec: Uint8Array }
  | ChunkPart
  | { readonly kind: "summary"; readonly summary: BlobSummary };

/** What `SubmitTask` sends. */
export const taskUploadCodec: Codec<TaskPart> = codec(SubmitTaskRequestSchema, {
  what: "part of a task",
  sizeBytesMax: limits.toCoordinatorSizeBytesMax,
  write: writePart,
  read: ({ part }) => readPart(part),
});

/** What `SubmitTask` answers. */
export const newTaskCodec: Codec<TaskId> = codec(SubmitTaskResponseSchema, {
  what: "new task",
  sizeBytesMax: limits.requestSizeBytesMax,
  write: (task) => ({ task }),
  read: ({ task }) => parseTaskId(task),
});

function writePart(part: TaskPart): MessageInitShape<typeof SubmitTaskRequestSchema> | Uint8Array {
  switch (part.kind) {
    case "spec":
      return { part: { case: "spec", value: part.spec } };
    case "chunk":
      return encodeChunk(part);
    case "summary":
      return { part: { case: "summary", value: writeSummary(part.summary) } };
    default:
      return assertNever(part);
  }
}

function readPart(part: SubmitTaskRequest["part"]): TaskPart {
  switch (part.case) {
    case "spec":
      return { kind: "spec", spec: someBytes(part.value, { sizeBytesMax: limits.planSizeBytesMax, what: "specification" }) };
    case "chunk":
      return readChunk(part.value);
    case "summary":
      return { kind: "summary", summary: readSummary(part.value, limits.modelSizeBytesMax) };
    case undefined:
      return missing("part of a task");
    default:
      return assertNever(part);
  }
}
