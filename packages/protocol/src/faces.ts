import type { Digest, TaskId } from "@sotto/base";
import type { MaskedHeader } from "@sotto/secagg";
import type { Answer } from "./answer.ts";
import type { Instruction } from "./instruction.ts";
import type { Cursor, Position } from "./position.ts";
import type { Submission } from "./submission.ts";
import type { TaskSummary, TaskWatch } from "./task.ts";

/** What is declared before the first byte of an upload and checked after the last. */
export interface UploadDeclaration {
  readonly position: Position;
  readonly header: MaskedHeader;
  /** Bytes of the packed contribution. */
  readonly sizeBytes: number;
}

/** A blob on its way: what it will hash to, how long it is, and its bytes in order. */
export interface BlobStream {
  readonly digest: Digest;
  readonly sizeBytes: number;
  readonly chunks: AsyncIterable<Uint8Array>;
}

/**
 * The coordinator as one client sees it. The transport gives the client one of these that dials out, and asks the
 * coordinator for one per proven caller: both sides speak through the same face.
 */
export interface CoordinatorFace {
  /** Long poll: answers as soon as there is an instruction newer than `cursor`, or `unchanged` after about 25 s. */
  next(cursor: Cursor | null, signal: AbortSignal): Promise<Instruction>;
  submit(submission: Submission): Promise<Answer>;
  /** `chunks` are the packed bytes in order, in pieces of any size. Nothing counts unless length and digest hold. */
  upload(declaration: UploadDeclaration, chunks: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<Answer>;
  /** A model by digest. @throws FlError `not-found` */
  downloadModel(digest: Digest, signal: AbortSignal): Promise<BlobStream>;
  /** The authority-signed roster with this digest, as `identity` reads it. @throws FlError `not-found` */
  roster(digest: Digest): Promise<Uint8Array>;
}

/** The coordinator as an operator sees it. */
export interface AdminFace {
  /** `spec` is canonical JSON of a `TaskSpec`; `initialModel` the float32 little-endian parameters in layout order. */
  submitTask(spec: Uint8Array, initialModel: AsyncIterable<Uint8Array>): Promise<TaskId>;
  listTasks(): Promise<readonly TaskSummary[]>;
  /** Long poll: the records after `afterRecord` (0 for all), as soon as there is one, or none after about 25 s. */
  watchTask(task: TaskId, afterRecord: number, signal: AbortSignal): Promise<TaskWatch>;
  stopTask(task: TaskId): Promise<void>;
  /** The task's latest model with the canonical JSON of its plan. @throws FlError `not-found`, `failed-precondition` before a model exists */
  model(task: TaskId, signal: AbortSignal): Promise<{ readonly plan: Uint8Array; readonly round: number; readonly blob: BlobStream }>;
}
