/** The most that one topology may ask of a client's memory and time. */
export const topologyLimits: {
  readonly layers: number;
  /** Of any one dimension, kernel size or count of units. */
  readonly dimension: number;
  /** Of one row: dimensions of any array. */
  readonly rank: number;
  /** Values of all weights: 512 MiB in float32. */
  readonly parameters: number;
  /** Values that all layers together put out for one row. */
  readonly activations: number;
} = { layers: 1024, dimension: 2 ** 20, rank: 3, parameters: 2 ** 27, activations: 2 ** 24 };
