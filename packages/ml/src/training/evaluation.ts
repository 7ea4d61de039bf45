import type { LocalMetrics, LossName, Plan } from "@sotto/protocol";
import { type OutputActivation, scoreRow } from "./loss.ts";

/** Counts of an evaluation under way; owned by whoever made it. */
export interface Tally {
  rows: number;
  lossSum: number;
  correct: number;
  readonly positives: Float64Array;
  readonly negatives: Float64Array;
}

/** Nothing counted yet. */
export function emptyTally(evaluation: Plan["evaluation"]): Tally {
  const bins = evaluation.aucBins;
  return { rows: 0, lossSum: 0, correct: 0, positives: new Float64Array(bins), negatives: new Float64Array(bins) };
}

/**
 * Counts rows in. A row's loss counts at most `lossMax`, and exactly that when it is not finite: a model that went astray is
 * reported as bad, it does not stop the round that would show it. Bins stay empty unless the loss is binary.
 */
export function countInto(
  tally: Tally,
  batch: { readonly logits: Float32Array; readonly labels: Float32Array },
  rule: { readonly loss: LossName; readonly outputActivation: OutputActivation; readonly evaluation: Plan["evaluation"] },
): void {
  const { lossMax, aucBins } = rule.evaluation;
  const width = batch.logits.length / batch.labels.length;
  batch.labels.forEach((label, row) => {
    const { loss, correct, score } = scoreRow({ ...rule, logits: batch.logits.subarray(row * width, (row + 1) * width), label });
    tally.rows += 1;
    tally.lossSum += Number.isFinite(loss) ? Math.min(loss, lossMax) : lossMax;
    tally.correct += correct ? 1 : 0;
    if (aucBins > 0 && rule.loss === "binaryCrossentropy") (label === 1 ? tally.positives : tally.negatives)[binOf(score, aucBins)]! += 1;
  });
}

/** The counts as they enter a contribution. */
export function metricsOf(tally: Tally): LocalMetrics {
  const { rows, lossSum, correct, positives, negatives } = tally;
  return { rows, lossSum, correct, positives: [...positives], negatives: [...negatives] };
}

// A score of 1 falls into the last bin, one that is not a number into the first.
function binOf(score: number, bins: number): number {
  return Number.isNaN(score) ? 0 : Math.min(bins - 1, Math.floor(score * bins));
}
