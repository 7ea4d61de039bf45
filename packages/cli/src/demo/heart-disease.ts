import type { ColumnRule, DataSchema } from "@sotto/protocol";

/** The four hospitals of the UCI Heart Disease data, as their processed files are named: `processed.<name>.data`. */
export const heartDiseaseSites = ["cleveland", "hungarian", "switzerland", "va"] as const;

/**
 * How the processed files of the UCI Heart Disease data (DOI 10.24432/C52P4X) become 28 model inputs, just as they are: no header,
 * 14 columns, `?` for missing. A serum cholesterol or blood pressure of 0 is missing too: all of Switzerland has no cholesterol.
 * `slope`, `ca` and `thal` are missing nearly everywhere but in Cleveland, so they are one-hot with none set. Means and deviations are round
 * numbers chosen beforehand, the same for every hospital: nothing is computed from anyone's rows. The label is `num` above 0.
 */
export function heartDiseaseSchema(seed: number): DataSchema {
  return {
    format: "csv",
    delimiter: ",",
    header: false,
    missing: ["?"],
    columns: [
      numeric("age", { mean: 55, deviation: 10, min: 0, max: 120 }),
      levels("sex", "0", "1"),
      levels("cp", "1", "2", "3", "4"),
      numeric("trestbps", { mean: 130, deviation: 20, min: 40, max: 300 }, "0"),
      numeric("chol", { mean: 240, deviation: 50, min: 50, max: 700 }, "0"),
      levels("fbs", "0", "1"),
      levels("restecg", "0", "1", "2"),
      numeric("thalach", { mean: 140, deviation: 25, min: 40, max: 250 }),
      levels("exang", "0", "1"),
      numeric("oldpeak", { mean: 1, deviation: 1, min: -5, max: 10 }),
      levels("slope", "1", "2", "3"),
      levels("ca", "0", "1", "2", "3"),
      levels("thal", "3", "6", "7"),
      { type: "ignored", name: "num" },
    ],
    target: { type: "binary", column: "num", above: 0 },
    heldBack: { fraction: 0.25, seed },
  };
}

interface Scale {
  readonly mean: number;
  readonly deviation: number;
  readonly min: number;
  readonly max: number;
}

function numeric(name: string, scale: Scale, ...missing: readonly string[]): ColumnRule {
  return { type: "numeric", name, ...scale, imputed: scale.mean, missing };
}

function levels(name: string, ...values: readonly string[]): ColumnRule {
  return { type: "categorical", name, levels: values };
}
