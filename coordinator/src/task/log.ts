import type { Instant } from "@sotto/base";
import type { TaskEvent, TaskRecord } from "@sotto/protocol";

/** Records kept of a task; older ones are forgotten. */
export const recordsMax = 4_096;

/** Records in one answer to a watcher. */
export const pageMax = 128;

/** What happened in a task, the latest {@link recordsMax} of it; never mutated. */
export interface TaskLog {
  /** Number of the latest record; 0 before any. */
  readonly last: number;
  readonly records: readonly TaskRecord[];
}

/** No records. */
export const emptyLog: TaskLog = { last: 0, records: [] };

/**
 * The log with one more record. A count of a phase takes the place of the one before it: who watches sees each as it comes, and
 * clients that come and go cannot push the reports of rounds out of the log.
 */
export function append(log: TaskLog, event: TaskEvent, at: Instant): TaskLog {
  const record = { record: log.last + 1, atMs: at, event };
  const latest = log.records.at(-1)?.event;
  const kept = latest !== undefined && isSamePhase(latest, event) ? log.records.slice(0, -1) : log.records;
  return { last: record.record, records: [...kept.slice(-(recordsMax - 1)), record] };
}

/** The first page of records numbered above `afterRecord`. */
export function recordsAfter(log: TaskLog, afterRecord: number): readonly TaskRecord[] {
  return log.records.filter(({ record }) => record > afterRecord).slice(0, pageMax);
}

function isSamePhase(a: TaskEvent, b: TaskEvent): boolean {
  return a.kind === "phase" && b.kind === "phase" && a.round === b.round && a.phase === b.phase;
}
