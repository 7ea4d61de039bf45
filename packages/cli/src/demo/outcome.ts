import { FlError } from "@sotto/base";
import type { Metrics, RoundReport, TaskRecord } from "@sotto/protocol";

/** What a finished task's records come to. */
export interface TaskOutcome {
  /** Training rounds committed. */
  readonly rounds: number;
  /** Rounds begun that came to nothing. */
  readonly abandoned: number;
  /** Times a client was asked and was not in the sum, over all committed rounds. */
  readonly dropped: number;
  /** Of the final model, over the held-back rows of every client in the evaluating round. */
  readonly metrics: Metrics;
  /** Medians over the training rounds. */
  readonly bytesUpPerClient: number;
  readonly roundMsMedian: number;
  readonly overheadMsMedian: number;
}

/** @throws FlError `failed-precondition` when no evaluating round has measured the model */
export function outcomeOf(records: readonly TaskRecord[]): TaskOutcome {
  const committed = records.flatMap(({ event }) => (event.kind === "committed" ? [event.record] : []));
  const training = committed.filter((report) => report.purpose === "train");
  const metrics = committed.findLast((report) => report.purpose === "evaluate")?.metrics ?? null;
  if (metrics === null)
    throw new FlError("failed-precondition", `none of ${committed.length} committed rounds has measured the final model`);
  const medianOf = (value: (report: RoundReport) => number): number => median(training.map(value));
  return {
    rounds: training.length,
    abandoned: records.filter(({ event }) => event.kind === "abandoned").length,
    dropped: committed.reduce((sum, report) => sum + report.dropped.length, 0),
    metrics,
    bytesUpPerClient: medianOf((report) => report.bytesUpPerClient),
    roundMsMedian: medianOf((report) => report.durationMs),
    overheadMsMedian: medianOf((report) => report.overheadMs),
  };
}

/** The middle value, or the mean of the two in the middle; 0 of none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? 0;
  const lower = sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
  return (lower + upper) / 2;
}
