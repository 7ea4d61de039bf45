import { assertNever } from "@sotto/base";
import type { Metrics, RoundReport, TaskEvent, TaskStatus } from "@sotto/protocol";
import type { Progress } from "./terminal/progress.ts";

/** Shows a task's events, which come in order from the first: an abandoned round has a number too, so rounds are counted as they commit. */
export function createTaskView({ progress, rounds }: { readonly progress: Progress; readonly rounds: number }): (event: TaskEvent) => void {
  let committed = 0;
  const current = (): string => (committed < rounds ? `round ${committed + 1} of ${rounds}` : "measuring the model");
  return (event) => {
    switch (event.kind) {
      case "phase":
        return progress.now(`${current()}: ${event.phase}, ${event.arrived} of ${event.cohortSize} clients in`);
      case "committed":
        progress.happened(`${current()}: ${committedText(event.record)}`);
        if (event.record.purpose === "train") committed++;
        return;
      case "abandoned":
        return progress.happened(`${current()}: abandoned, ${event.reason}${missingText(event.missing)}`);
      case "status":
        return progress.happened(`task ${statusText(event.status)}`);
      default:
        return assertNever(event);
    }
  };
}

/** Whether nothing more will happen in a task. */
export function isOver(status: TaskStatus): boolean {
  return status.kind === "finished" || status.kind === "stopped" || status.kind === "failed";
}

/** A status in words. */
export function statusText(status: TaskStatus): string {
  return status.kind === "failed" ? `failed: ${status.reason}` : status.kind;
}

/** Metrics in words: `loss 0.412, accuracy 0.813, AUC 0.884`. */
export function metricsText(metrics: Metrics | null): string {
  if (metrics === null) return "no held-back rows";
  const parts = [`loss ${metrics.loss.toFixed(3)}`];
  if (metrics.accuracy !== null) parts.push(`accuracy ${metrics.accuracy.toFixed(3)}`);
  if (metrics.auc !== null) parts.push(`AUC ${metrics.auc.toFixed(3)}`);
  return parts.join(", ");
}

function committedText(report: RoundReport): string {
  const clients = `${report.survivors.length} of ${report.asked.length} clients`;
  const before = report.purpose === "train" ? "before it " : "";
  const dropped = report.dropped.map(({ client, phase }) => `${client} in ${phase}`).join(", ");
  const tail = dropped === "" ? "" : `; dropped ${dropped}`;
  return `${clients}, ${(report.durationMs / 1000).toFixed(1)} s; ${before}${metricsText(report.metrics)}${tail}`;
}

function missingText(missing: readonly string[]): string {
  return missing.length === 0 ? "" : `; not heard of ${missing.join(", ")}`;
}
