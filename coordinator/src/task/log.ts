import type { Instant } from "@sotto/base";
import type { TaskEvent, TaskRecord } from "@sotto/protocol";

/** Records kept of a task; older ones are forgotten. */
export const recordsMax = 4_096;

/** Records in one answer to a watcher. */
export const pageMax = 128;

/** What happened in a task, the latest {@link recordsMax} of it; never mutated. */
export interface TaskLog {
  /** Number of the record before the first kept. */
  readonly forgotten: number;
  readonly records: readonly TaskRecord[];
}

/** No records. */
export const emptyLog: TaskLog = { forgotten: 0, records: [] };

/** The log with one more record. */
export function append(log: TaskLog, event: TaskEvent, at: Instant): TaskLog {
  const record = { record: log.forgotten + log.records.length + 1, atMs: at, event };
  const excess = Math.max(0, log.records.length + 1 - recordsMax);
  return { forgotten: log.forgotten + excess, records: [...log.records.slice(excess), record] };
}

/** The first page of records numbered above `afterRecord`. */
export function recordsAfter(log: TaskLog, afterRecord: number): readonly TaskRecord[] {
  const start = Math.max(0, afterRecord - log.forgotten);
  return log.records.slice(start, start + pageMax);
}
