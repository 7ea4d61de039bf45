import { FlError } from "@sotto/base";
import type { Table } from "@sotto/ml";

/** Most model inputs one table may hold: 2^29 of them are 2 GiB. */
const cellsMax = 2 ** 29;

/** Rows kept so far, in arrays that double when they are full. */
export interface TableBuilder {
  /** Copies one row in. @throws FlError `resource-exhausted` above 2^29 inputs */
  add(features: Float32Array, label: number): void;
  /** The table of all rows added, in their order, in arrays of its own. */
  table(): Table;
}

/** An empty table of `featureCount` inputs a row. */
export function createTableBuilder(featureCount: number): TableBuilder {
  let features = new Float32Array(64 * featureCount);
  let labels = new Float32Array(64);
  let rows = 0;

  function add(row: Float32Array, label: number): void {
    if ((rows + 1) * featureCount > cellsMax) {
      throw new FlError("resource-exhausted", `a table of more than ${rows} rows of ${featureCount} inputs is over ${cellsMax} inputs`);
    }
    if (rows === labels.length) {
      features = grown(features);
      labels = grown(labels);
    }
    features.set(row, rows * featureCount);
    labels[rows] = label;
    rows++;
  }

  function table(): Table {
    return { features: features.slice(0, rows * featureCount), labels: labels.slice(0, rows), rows, featureCount };
  }

  return { add, table };
}

function grown(array: Float32Array): Float32Array<ArrayBuffer> {
  const larger = new Float32Array(array.length * 2);
  larger.set(array);
  return larger;
}
