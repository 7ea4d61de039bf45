import type { Digest, TaskId } from "@sotto/base";
import type { Metrics } from "./metrics.ts";

/** Where a task stands in its life. */
export type TaskStatus =
  | { readonly kind: "submitted" }
  | { readonly kind: "running" }
  | { readonly kind: "finished" }
  | { readonly kind: "stopped" }
  | { readonly kind: "failed"; readonly reason: string };

/** One line of `sotto task list`. */
export interface TaskSummary {
  readonly task: TaskId;
  readonly name: string;
  readonly status: TaskStatus;
  /** Training rounds committed so far. */
  readonly roundsCommitted: number;
  readonly rounds: number;
}

/** A page of a task's records. */
export interface TaskWatch {
  readonly summary: TaskSummary;
  readonly records: readonly TaskRecord[];
}

/** What happened in a task, in order; `record` counts from 1. Names clients, never numbers of one client. */
export interface TaskRecord {
  readonly record: number;
  readonly atMs: number;
  readonly event: TaskEvent;
}

/** One thing an operator sees happen. */
export type TaskEvent =
  | { readonly kind: "phase"; readonly round: number; readonly phase: string; readonly cohortSize: number; readonly arrived: number }
  | { readonly kind: "committed"; readonly round: number; readonly record: RoundReport }
  | { readonly kind: "abandoned"; readonly round: number; readonly reason: string; readonly missing: readonly string[] }
  | { readonly kind: "status"; readonly status: TaskStatus };

/** The honest account of one committed round. */
export interface RoundReport {
  /** `train` rounds change the model, the `evaluate` round after the last only measures it. */
  readonly purpose: "train" | "evaluate";
  readonly asked: readonly string[];
  readonly survivors: readonly string[];
  readonly dropped: readonly { readonly client: string; readonly phase: string; readonly reason: string }[];
  /** Metrics of the model the round began with, over the survivors' held-back rows; null when they hold none. */
  readonly metrics: Metrics | null;
  /** Sum of the survivors' capped weights. */
  readonly weight: number;
  readonly modelDigest: Digest;
  readonly durationMs: number;
  /** From the last `ready` to the commit: what the protocol added to the slowest client's training. */
  readonly overheadMs: number;
  readonly bytesUpPerClient: number;
}
