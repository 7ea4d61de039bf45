import type { DescMethod } from "@bufbuild/protobuf";
import type { Digest, TaskId } from "@sotto/base";
import type { Answer, Cursor, Instruction, Submission, TaskWatch } from "@sotto/protocol";
import { submitAnswerCodec, uploadAnswerCodec } from "./answer.ts";
import { type BlobPart, modelBlobCodec, modelDigestCodec, rosterBlobCodec, rosterDigestCodec } from "./blob.ts";
import type { Codec } from "./codec.ts";
import { AdminService } from "./gen/sotto/v1/admin_service_pb.ts";
import { CoordinatorService } from "./gen/sotto/v1/coordinator_service_pb.ts";
import { instructionCodec } from "./instruction.ts";
import { type ModelPart, modelTaskCodec, taskModelCodec } from "./model.ts";
import { cursorCodec } from "./position.ts";
import { submissionCodec } from "./submission.ts";
import {
  stoppedCodec,
  stopTaskCodec,
  type TaskPage,
  taskPageCodec,
  taskSkipCodec,
  type WatchRequest,
  watchCodec,
  watchRequestCodec,
} from "./task.ts";
import { newTaskCodec, type TaskPart, taskUploadCodec } from "./task-upload.ts";
import { type UploadPart, uploadCodec } from "./upload.ts";

/** Which side of a call sends many messages. There are no calls in which both do: proxies cut them (PLATFORM 1). */
export type MethodKind = "unary" | "client_streaming" | "server_streaming";

/** A call of a service: its path and its shape. */
export interface MethodShape<Kind extends MethodKind = MethodKind> {
  /** As HTTP/2 carries it: `/sotto.v1.CoordinatorService/Next`. */
  readonly path: string;
  readonly kind: Kind;
}

/** A call with the codecs of the messages each way. */
export interface Method<Kind extends MethodKind, Request, Response> extends MethodShape<Kind> {
  readonly request: Codec<Request>;
  readonly response: Codec<Response>;
}

/** What a client calls. (A type, not an interface, so that it counts as a record of methods.) */
export type CoordinatorMethods = {
  readonly next: Method<"unary", Cursor | null, Instruction>;
  readonly submit: Method<"unary", Submission, Answer>;
  readonly uploadContribution: Method<"client_streaming", UploadPart, Answer>;
  readonly downloadModel: Method<"server_streaming", Digest, BlobPart>;
  readonly getRoster: Method<"server_streaming", Digest, BlobPart>;
};

/** What an operator calls. */
export type AdminMethods = {
  readonly submitTask: Method<"client_streaming", TaskPart, TaskId>;
  readonly listTasks: Method<"unary", number, TaskPage>;
  readonly watchTask: Method<"unary", WatchRequest, TaskWatch>;
  readonly stopTask: Method<"unary", TaskId, null>;
  readonly getModel: Method<"server_streaming", TaskId, ModelPart>;
};

/** `sotto.v1.CoordinatorService`. */
export const coordinatorMethods: CoordinatorMethods = {
  next: method(CoordinatorService.method.next, { request: cursorCodec, response: instructionCodec }),
  submit: method(CoordinatorService.method.submit, { request: submissionCodec, response: submitAnswerCodec }),
  uploadContribution: method(CoordinatorService.method.uploadContribution, { request: uploadCodec, response: uploadAnswerCodec }),
  downloadModel: method(CoordinatorService.method.downloadModel, { request: modelDigestCodec, response: modelBlobCodec }),
  getRoster: method(CoordinatorService.method.getRoster, { request: rosterDigestCodec, response: rosterBlobCodec }),
};

/** `sotto.v1.AdminService`. */
export const adminMethods: AdminMethods = {
  submitTask: method(AdminService.method.submitTask, { request: taskUploadCodec, response: newTaskCodec }),
  listTasks: method(AdminService.method.listTasks, { request: taskSkipCodec, response: taskPageCodec }),
  watchTask: method(AdminService.method.watchTask, { request: watchRequestCodec, response: watchCodec }),
  stopTask: method(AdminService.method.stopTask, { request: stopTaskCodec, response: stoppedCodec }),
  getModel: method(AdminService.method.getModel, { request: modelTaskCodec, response: taskModelCodec }),
};

function method<Kind extends MethodKind, Request, Response>(
  description: DescMethod & { readonly methodKind: Kind },
  codecs: { readonly request: Codec<Request>; readonly response: Codec<Response> },
): Method<Kind, Request, Response> {
  return { path: `/${description.parent.typeName}/${description.name}`, kind: description.methodKind, ...codecs };
}
