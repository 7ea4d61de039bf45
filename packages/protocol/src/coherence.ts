import { toFlError } from "@sotto/base";
import { cohortSizeMax, completeGraphMax } from "@sotto/secagg";
import { laneBits } from "@sotto/vector";
import { featureCount } from "./data-schema.ts";
import { type LossName, type PlanParts, parameterCount } from "./plan-parts.ts";

/** Parts that are right one by one and wrong together: where, and why. */
export interface Contradiction {
  readonly path: readonly string[];
  readonly message: string;
}

/** The largest model a task may have, in parameters: 1 GiB as float32. */
const parametersMax = 2 ** 28;

/** The losses that fit each kind of target. */
const lossOf: Readonly<Record<PlanParts["data"]["target"]["type"], LossName>> = {
  binary: "binaryCrossentropy",
  class: "sparseCategoricalCrossentropy",
  number: "meanSquaredError",
};

/** What in a plan contradicts itself: the loss and the target, the histogram and the target, the model's size. */
export function contradictionsOfPlan({ data, training, evaluation, model }: PlanParts): readonly Contradiction[] {
  const { type } = data.target;
  const parameters = parameterCount(model.layout);
  const found: Contradiction[] = [];
  if (training.loss !== lossOf[type])
    found.push({ path: ["training", "loss"], message: `a target of type ${type} needs ${lossOf[type]}, not ${training.loss}` });
  if (evaluation.aucBins > 0 && type !== "binary")
    found.push({
      path: ["evaluation", "aucBins"],
      message: `only a binary target has an AUC: bins must be 0 for a target of type ${type}`,
    });
  if (parameters > parametersMax)
    found.push({ path: ["model", "layout"], message: `${parameters} parameters are above the maximum ${parametersMax}` });
  if (featureCount(data) === 0) found.push({ path: ["data", "columns"], message: "no column is an input" });
  return found;
}

/** What in a task contradicts itself, besides its plan: the cohort and the protection it promises, the cohort and the lanes. */
export function contradictionsOfTask(
  spec: PlanParts & { readonly cohort: { readonly count: { readonly min: number; readonly max: number } } },
): readonly Contradiction[] {
  const { count } = spec.cohort;
  const { cohortSizeMin, gamma, delta } = spec.aggregation;
  const found = [...contradictionsOfPlan(spec)];
  if (count.min < cohortSizeMin)
    found.push({ path: ["cohort", "count", "min"], message: `${count.min} is below aggregation.cohortSizeMin ${cohortSizeMin}` });
  if (count.max > cohortSizeMax)
    found.push({ path: ["cohort", "count", "max"], message: `${count.max} clients are above the largest session, ${cohortSizeMax}` });
  // What a quorum and the draw of holders need of every large cohort (SECAGG 2.6).
  if (count.max > completeGraphMax && gamma + 2 * delta >= 1)
    found.push({
      path: ["aggregation", "delta"],
      message: `gamma ${gamma} + 2 delta ${delta} must be below 1 for a cohort of ${count.max}`,
    });
  try {
    laneBits({ cohortSize: count.max, quantisationBits: spec.contribution.quantisationBits });
  } catch (thrown) {
    found.push({ path: ["contribution", "quantisationBits"], message: toFlError(thrown).message });
  }
  return found;
}
