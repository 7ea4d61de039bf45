import { FlError } from "@sotto/base";
import { type ContributionShape, contributionShape, scalarMax } from "@sotto/vector";
import type { LocalMetrics, Metrics } from "./metrics.ts";
import type { Plan } from "./plan.ts";
import { parameterCount } from "./plan-parts.ts";

/**
 * The scalars of a contribution, in order: rows; the loss sum in units of `lossMax`, whole units and then the rest in 1/S of a unit,
 * S = scalarMax(q), so that rows up to S fit and the loss keeps a resolution of lossMax / S; correct; and for a binary target the
 * positives and then the negatives of each score bin.
 */
const fixedScalarCount = 4;

/** How many scalars a contribution to `plan` holds. */
export function scalarCountOf(plan: Plan): number {
  return fixedScalarCount + 2 * binCount(plan);
}

/** The shape of every contribution to `plan`: update, weight and metrics to train, weight and metrics alone to evaluate. */
export function contributionShapeOf(plan: Plan): ContributionShape {
  return contributionShape({
    parameterCount: plan.purpose === "evaluate" ? 0 : parameterCount(plan.model.layout),
    scalarCount: scalarCountOf(plan),
  });
}

/**
 * One client's metrics as the scalars of its contribution: whole numbers from 0 to scalarMax(q). A client with more rows than that
 * counts as that many, with everything else in proportion. A loss sum above rows * lossMax counts as that.
 * @throws FlError `invalid-argument` when a metric is negative or not finite, or the bins are not as many as the plan's
 */
export function scalarsOf(plan: Plan, metrics: LocalMetrics): number[] {
  const bins = binCount(plan);
  const counts = [metrics.rows, metrics.correct, ...binned(metrics.positives, bins), ...binned(metrics.negatives, bins)];
  if (![metrics.lossSum, ...counts].every((value) => value >= 0 && Number.isFinite(value))) {
    throw new FlError("invalid-argument", "every local metric must be finite and at least 0");
  }
  const most = scalarMax(plan.contribution.quantisationBits);
  const share = Math.min(1, most / metrics.rows);
  const [rows, correct, ...histogram] = counts.map((count) => Math.min(Math.round(count * share), most));
  return [rows!, ...lossScalars(plan, { lossSum: metrics.lossSum * share, rows: rows! }), correct!, ...histogram];
}

/**
 * What the sum of the survivors' scalars says about the model; null when they hold no rows.
 * @throws FlError `invalid-argument` unless there are {@link scalarCountOf} scalars
 */
export function metricsOf(plan: Plan, scalars: readonly number[]): Metrics | null {
  if (scalars.length !== scalarCountOf(plan)) {
    throw new FlError("invalid-argument", `${scalars.length} scalars must be ${scalarCountOf(plan)}`);
  }
  const [rows = 0, lossWhole = 0, lossRest = 0, correct = 0] = scalars;
  if (rows === 0) return null;
  const bins = binCount(plan);
  const positives = scalars.slice(fixedScalarCount, fixedScalarCount + bins);
  const negatives = scalars.slice(fixedScalarCount + bins);
  const lossUnits = lossWhole + lossRest / scalarMax(plan.contribution.quantisationBits);
  return {
    rows,
    loss: (lossUnits * plan.evaluation.lossMax) / rows,
    accuracy: plan.data.target.type === "number" ? null : correct / rows,
    auc: areaUnderCurve(positives, negatives),
  };
}

/** A histogram of scores says something of a binary target alone. */
function binCount(plan: Plan): number {
  return plan.data.target.type === "binary" ? plan.evaluation.aucBins : 0;
}

function binned(counts: readonly number[], bins: number): readonly number[] {
  if (bins === 0) return [];
  if (counts.length !== bins) throw new FlError("invalid-argument", `${counts.length} score bins must be the plan's ${bins}`);
  return counts;
}

/** The loss sum in units of `lossMax`: at most one a row. Whole units are exact, the rest is rounded to the nearest. */
function lossScalars(plan: Plan, loss: { readonly lossSum: number; readonly rows: number }): [whole: number, rest: number] {
  const units = Math.min(loss.lossSum / plan.evaluation.lossMax, loss.rows);
  const whole = Math.floor(units);
  return [whole, Math.round((units - whole) * scalarMax(plan.contribution.quantisationBits))];
}

/**
 * Probability that a row of class 1 scores above one of class 0, ties counting half: the Mann-Whitney statistic, which is the area
 * under the ROC curve by the trapezoid rule (Hanley & McNeil 1982). Rows of one bin are ties. Null without both classes.
 */
function areaUnderCurve(positives: readonly number[], negatives: readonly number[]): number | null {
  let negativesBelow = 0;
  let positiveTotal = 0;
  let twiceWins = 0;
  for (let bin = 0; bin < positives.length; bin++) {
    twiceWins += positives[bin]! * (2 * negativesBelow + negatives[bin]!);
    negativesBelow += negatives[bin]!;
    positiveTotal += positives[bin]!;
  }
  return positiveTotal === 0 || negativesBelow === 0 ? null : twiceWins / (2 * positiveTotal * negativesBelow);
}
