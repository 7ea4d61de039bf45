import type { TrainingLength } from "@sotto/protocol";
import type { RandomStream } from "../random.ts";

/** How many steps a training of this length takes; a last batch that is not full counts as one. */
export function stepCount(options: { readonly rows: number; readonly batchSize: number; readonly length: TrainingLength }): number {
  const { rows, batchSize, length } = options;
  return length.unit === "steps" ? length.count : length.count * Math.ceil(rows / batchSize);
}

/** Endless mini-batches of row numbers: every epoch visits each row once, in an order of its own; its last batch may be short. */
export function* batches(options: {
  readonly rows: number;
  readonly batchSize: number;
  readonly random: RandomStream;
}): Generator<Uint32Array, never> {
  const { rows, batchSize, random } = options;
  const order = Uint32Array.from({ length: rows }, (_, row) => row);
  for (;;) {
    shuffleInto(order, random);
    for (let start = 0; start < rows; start += batchSize) yield order.slice(start, start + batchSize);
  }
}

/** The chosen rows of a matrix with `width` values a row, as a new one. */
export function gatherRows(values: Float32Array, rows: Uint32Array, width: number): Float32Array {
  const gathered = new Float32Array(rows.length * width);
  rows.forEach((row, i) => {
    gathered.set(values.subarray(row * width, (row + 1) * width), i * width);
  });
  return gathered;
}

// Fisher and Yates.
function shuffleInto(order: Uint32Array, random: RandomStream): void {
  for (let i = order.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    const kept = order[i]!;
    order[i] = order[j]!;
    order[j] = kept;
  }
}
