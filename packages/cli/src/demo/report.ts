import type { Json } from "@sotto/schema";
import type { TaskOutcome } from "./outcome.ts";

/** How well a model does on the union of all held-back rows. */
export interface Quality {
  readonly accuracy: number;
  /** Null when only one class is held back. */
  readonly auc: number | null;
}

/** What the demo found, whole and honest. */
export interface DemoReport {
  readonly title: string;
  readonly clients: readonly string[];
  readonly outcome: TaskOutcome;
  readonly baseline: {
    /** All training rows in one place: what keeping them apart costs. */
    readonly pooled: Quality;
    /** Each client alone, measured on the union: what taking part brings. Means over the clients. */
    readonly localMean: Quality;
  };
  readonly backend: string;
  /** The folder the model files are in. */
  readonly modelPath: string;
}

const noPrivacy =
  "No differential privacy was applied. Each update was hidden in the sum of all clients' updates, and nothing was added to that sum: the model may still remember rows.";

/** The report for people, a line each. */
export function reportText(report: DemoReport): readonly string[] {
  const { outcome, baseline } = report;
  const { rounds, abandoned, dropped } = outcome;
  const accuracy = outcome.metrics.accuracy ?? Number.NaN;
  const row = (name: string, value: string): string => `  ${name.padEnd(22)}${value}`;
  const quality = (name: string, { accuracy, auc }: Quality, note: string): string =>
    row(name, `${accuracy.toFixed(3).padEnd(11)}${(auc === null ? "-" : auc.toFixed(3)).padEnd(9)}${note}`);
  return [
    "",
    `${report.title}: ${report.clients.length} clients, ${rounds} rounds`,
    "",
    row("", "accuracy   AUC"),
    quality(
      "federated",
      { accuracy, auc: outcome.metrics.auc },
      `loss ${outcome.metrics.loss.toFixed(3)} over ${outcome.metrics.rows} held-back rows of all clients`,
    ),
    quality("pooled", baseline.pooled, "same model and epochs, all training rows in one place"),
    quality("each alone, mean", baseline.localMean, "same model and epochs, one client's rows"),
    "",
    row("clients", report.clients.join(", ")),
    row("dropped", `${dropped} times in ${rounds} rounds, ${abandoned} rounds abandoned`),
    row("sent", `${bytesText(outcome.bytesUpPerClient)} per client and round`),
    row(
      "a round",
      `${Math.round(outcome.roundMsMedian)} ms, ${Math.round(outcome.overheadMsMedian)} ms of it secure aggregation (medians)`,
    ),
    row("backend", report.backend),
    row("model", report.modelPath),
    "",
    noPrivacy,
  ];
}

/** The report for programs. */
export function reportJson({ outcome, clients, baseline, backend, modelPath }: DemoReport): Json {
  return {
    rounds: outcome.rounds,
    clients: clients.length,
    dropped: outcome.dropped,
    abandoned: outcome.abandoned,
    accuracy: outcome.metrics.accuracy,
    auc: outcome.metrics.auc,
    loss: outcome.metrics.loss,
    heldBackRows: outcome.metrics.rows,
    baseline: { pooled: { ...baseline.pooled }, localMean: { ...baseline.localMean } },
    bytesUpPerClient: outcome.bytesUpPerClient,
    roundMsMedian: outcome.roundMsMedian,
    overheadMsMedian: outcome.overheadMsMedian,
    backend,
    modelPath,
    differentialPrivacy: "none",
  };
}

function bytesText(bytes: number): string {
  if (bytes < 1024) return `${Math.round(bytes)} bytes`;
  return bytes < 1024 ** 2 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / 1024 ** 2).toFixed(1)} MiB`;
}
