import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { parseTaskId, type TaskId } from "@sotto/base";
import type { TaskRecord, TaskSummary, TaskWatch } from "@sotto/protocol";
import { type Codec, codec } from "./codec.ts";
import { boundedList, boundedText, count, present, wideCount } from "./fields.ts";
import {
  ListTasksRequestSchema,
  ListTasksResponseSchema,
  StopTaskRequestSchema,
  StopTaskResponseSchema,
  WatchTaskRequestSchema,
  WatchTaskResponseSchema,
} from "./gen/sotto/v1/admin_service_pb.ts";
import { TaskRecordSchema, type TaskSummary as TaskSummaryMessage, type TaskSummarySchema } from "./gen/sotto/v1/task_pb.ts";
import { limits } from "./limits.ts";
import { readRecord, writeRecord } from "./record.ts";
import { readStatus, writeStatus } from "./task-status.ts";

/** A page of the list of tasks. */
export interface TaskPage {
  readonly tasks: readonly TaskSummary[];
  /** Whether more tasks follow. */
  readonly more: boolean;
}

/** What `WatchTask` asks with: the records after `afterRecord`, 0 for all. */
export interface WatchRequest {
  readonly task: TaskId;
  readonly afterRecord: number;
}

/** What `ListTasks` asks with: how many tasks to leave out at the start. */
export const taskSkipCodec: Codec<number> = codec(ListTasksRequestSchema, {
  what: "request for tasks",
  sizeBytesMax: limits.requestSizeBytesMax,
  write: (skip) => ({ skip }),
  read: ({ skip }) => wideCount(BigInt(skip), { max: limits.tasksMax, what: "tasks" }),
});

/** What `ListTasks` answers. */
export const taskPageCodec: Codec<TaskPage> = codec(ListTasksResponseSchema, {
  what: "page of tasks",
  sizeBytesMax: limits.messageSizeBytesMax,
  write: ({ tasks, more }) => ({ tasks: tasks.map(writeSummary), more }),
  read: ({ tasks, more }) => ({ tasks: boundedList(tasks, { countMax: limits.tasksPerPageMax, what: "tasks" }, readSummary), more }),
});

/** What `WatchTask` asks with. */
export const watchRequestCodec: Codec<WatchRequest> = codec(WatchTaskRequestSchema, {
  what: "watch request",
  sizeBytesMax: limits.requestSizeBytesMax,
  write: ({ task, afterRecord }) => ({ task, afterRecord: BigInt(afterRecord) }),
  read: ({ task, afterRecord }) => ({
    task: parseTaskId(task),
    afterRecord: wideCount(afterRecord, { max: Number.MAX_SAFE_INTEGER, what: "records" }),
  }),
});

/** What `WatchTask` answers: as many of the records, from the first on, as a page holds. Who watches asks on after the last. */
export const watchCodec: Codec<TaskWatch> = codec(WatchTaskResponseSchema, {
  what: "task watch",
  sizeBytesMax: limits.messageSizeBytesMax,
  write: ({ summary, records }) => ({ summary: writeSummary(summary), records: writePage(records) }),
  read: ({ summary, records }) => ({
    summary: readSummary(present(summary, "task summary")),
    records: boundedList(records, { countMax: limits.recordsPerPageMax, what: "records" }, readRecord),
  }),
});

/** What `StopTask` asks with. */
export const stopTaskCodec: Codec<TaskId> = codec(StopTaskRequestSchema, {
  what: "stop request",
  sizeBytesMax: limits.requestSizeBytesMax,
  write: (task) => ({ task }),
  read: ({ task }) => parseTaskId(task),
});

/** What `StopTask` answers: nothing. */
export const stoppedCodec: Codec<null> = codec(StopTaskResponseSchema, {
  what: "stop answer",
  sizeBytesMax: limits.requestSizeBytesMax,
  write: () => ({}),
  read: () => null,
});

function writeSummary(summary: TaskSummary): MessageInitShape<typeof TaskSummarySchema> {
  const { task, name, roundsCommitted, rounds } = summary;
  return { task, name, status: writeStatus(summary.status), roundsCommitted, rounds };
}

function readSummary(message: TaskSummaryMessage): TaskSummary {
  return {
    task: parseTaskId(message.task),
    name: boundedText(message.name, { sizeBytesMax: limits.nameSizeBytesMax, what: "name" }),
    status: readStatus(message.status),
    roundsCommitted: count(message.roundsCommitted, "rounds"),
    rounds: count(message.rounds, "rounds"),
  };
}

function writePage(records: readonly TaskRecord[]): MessageInitShape<typeof TaskRecordSchema>[] {
  const page: MessageInitShape<typeof TaskRecordSchema>[] = [];
  let sizeBytes = 0;
  for (const record of records.slice(0, limits.recordsPerPageMax)) {
    const message = writeRecord(record);
    sizeBytes += toBinary(TaskRecordSchema, create(TaskRecordSchema, message)).length;
    // The first goes in whatever its size, so that each page gets on.
    if (page.length > 0 && sizeBytes > limits.pageSizeBytesMax) break;
    page.push(message);
  }
  return page;
}
