import type { MessageInitShape } from "@bufbuild/protobuf";
import { assertNever } from "@sotto/base";
import type { TaskStatus } from "@sotto/protocol";
import { boundedText, cutText, missing, present } from "./fields.ts";
import type { TaskStatus as TaskStatusMessage, TaskStatusSchema } from "./gen/sotto/v1/task_pb.ts";
import { limits } from "./limits.ts";

/** A task's status as a message. */
export function writeStatus(status: TaskStatus): MessageInitShape<typeof TaskStatusSchema> {
  if (status.kind !== "failed") return { kind: { case: status.kind, value: {} } };
  return { kind: { case: "failed", value: { reason: cutText(status.reason, limits.reasonSizeBytesMax) } } };
}

/** @throws FlError `invalid-argument`, `resource-exhausted` */
export function readStatus(message: TaskStatusMessage | undefined): TaskStatus {
  const { kind } = present(message, "task status");
  switch (kind.case) {
    case "submitted":
    case "running":
    case "finished":
    case "stopped":
      return { kind: kind.case };
    case "failed":
      return { kind: "failed", reason: boundedText(kind.value.reason, { sizeBytesMax: limits.reasonSizeBytesMax, what: "reason" }) };
    case undefined:
      return missing("kind of task status");
    default:
      return assertNever(kind);
  }
}
