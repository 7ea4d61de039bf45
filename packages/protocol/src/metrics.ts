/** Metrics of one model over held-back rows of all survivors. */
export interface Metrics {
  /** Held-back rows counted. */
  readonly rows: number;
  /** Mean loss a row. */
  readonly loss: number;
  /** Fraction right; null for regression. */
  readonly accuracy: number | null;
  /** Area under the ROC curve from binned scores; null unless the target is binary and both classes occur. */
  readonly auc: number | null;
}

/** What one client counts over its held-back rows. Travels only inside the masked contribution. */
export interface LocalMetrics {
  readonly rows: number;
  readonly lossSum: number;
  readonly correct: number;
  /** Rows of class 1 by bin of their score, `evaluation.aucBins` of them; bin k holds scores in [k / bins, (k + 1) / bins). */
  readonly positives: readonly number[];
  /** Rows of class 0, likewise. */
  readonly negatives: readonly number[];
}
