import { assertNever, FlError } from "@sotto/base";
import type { LossName } from "@sotto/protocol";
import type { TopologyFacts } from "../topology/check.ts";
import { sizeOf } from "../topology/shape.ts";

/** Rows a model trains on or is measured by. The maker owns the buffers; `ml` only reads them. */
export interface Table {
  /** rows × featureCount values, row after row; a row fills the model's input in row-major order. */
  readonly features: Float32Array;
  /** One a row: 0 or 1, the index of a class, or a number, as the loss asks. */
  readonly labels: Float32Array;
  readonly rows: number;
  readonly featureCount: number;
}

/**
 * That a table, a loss and a model belong together, and that every value is finite and every label means something.
 * @throws FlError `invalid-argument` naming the row
 */
export function assertTableFits(table: Table, loss: LossName, topology: TopologyFacts): void {
  assertLossFits(loss, topology);
  const { features, labels, rows, featureCount } = table;
  if (features.length !== rows * featureCount || labels.length !== rows)
    throw new FlError(
      "invalid-argument",
      `table of ${rows} rows × ${featureCount} holds ${features.length} features, ${labels.length} labels`,
    );
  if (featureCount !== sizeOf(topology.inputShape))
    throw new FlError("invalid-argument", `table has ${featureCount} features and the model takes [${topology.inputShape}]`);
  const { tokens } = topology;
  const feature = features.findIndex((value) => !(tokens === null ? Number.isFinite(value) : isIndex(value, tokens)));
  if (feature >= 0)
    throw new FlError(
      "invalid-argument",
      `feature ${feature % featureCount} of row ${Math.floor(feature / featureCount)} is not ${tokens === null ? "finite" : `one of ${tokens} tokens`}`,
    );
  const row = labels.findIndex((label) => !isLabel(label, loss, topology.outputSize));
  if (row >= 0)
    throw new FlError("invalid-argument", `label of row ${row} does not suit the loss ${loss} and ${topology.outputSize} outputs`);
}

function assertLossFits(loss: LossName, { outputActivation, outputSize }: TopologyFacts): void {
  const ending = `the model ends in ${outputSize} outputs with activation ${outputActivation}`;
  switch (loss) {
    case "binaryCrossentropy":
      if (outputActivation === "sigmoid" && outputSize === 1) return;
      throw new FlError("invalid-argument", `loss ${loss} needs 1 output with activation sigmoid: ${ending}`);
    case "sparseCategoricalCrossentropy":
      if (outputActivation === "softmax" && outputSize >= 2) return;
      throw new FlError("invalid-argument", `loss ${loss} needs 2 outputs or more with activation softmax: ${ending}`);
    case "meanSquaredError":
      if (outputSize === 1) return;
      throw new FlError("invalid-argument", `loss ${loss} needs 1 output: ${ending}`);
    default:
      assertNever(loss);
  }
}

function isLabel(label: number, loss: LossName, outputSize: number): boolean {
  if (loss === "meanSquaredError") return Number.isFinite(label);
  return isIndex(label, loss === "binaryCrossentropy" ? 2 : outputSize);
}

function isIndex(value: number, count: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < count;
}
