export type { BlobPart, BlobSummary } from "./blob.ts";
export type { ChunkPart } from "./chunk.ts";
export type { Codec, WireRefusal } from "./codec.ts";
export { cutText } from "./fields.ts";
export { limits } from "./limits.ts";
export {
  type AdminMethods,
  adminMethods,
  type CoordinatorMethods,
  coordinatorMethods,
  type Method,
  type MethodKind,
  type MethodShape,
} from "./methods.ts";
export type { ModelHeader, ModelPart } from "./model.ts";
export { errorCodeOf, grpcStatusOf } from "./status.ts";
export type { TaskPage, WatchRequest } from "./task.ts";
export type { TaskPart } from "./task-upload.ts";
export type { UploadPart } from "./upload.ts";
