import { createReadStream } from "node:fs";
import { FlError, toFlError } from "@sotto/base";
import type { Table } from "@sotto/ml";
import type { DataSchema } from "@sotto/protocol";
import { assertHeader } from "./header.ts";
import { isHeldBack } from "./held-back.ts";
import { type CsvSource, type RawRow, readRows } from "./read-rows.ts";
import { createRowEncoder } from "./row-encoder.ts";
import { createTableBuilder } from "./table-builder.ts";

/** Skipped rows whose reasons are kept; all are counted. */
const reasonsMax = 100;

/** Why one row is not in the tables. Holds none of the row's values. */
export interface SkippedRow {
  /** The line it ends on, counted from 1. */
  readonly line: number;
  readonly reason: string;
}

/** A table read from a file, split for training and evaluation. */
export interface LoadedTable {
  readonly training: Table;
  /** Rows no training sees; empty when the plan holds none back. */
  readonly heldBack: Table;
  /** The first 100 rows skipped, in file order. */
  readonly skipped: readonly SkippedRow[];
  /** All rows skipped. */
  readonly skippedCount: number;
}

/**
 * Reads the CSV file at `path` as `data` describes it, one row at a time. A row that does not fit is skipped, counted and
 * reported; a file that does not fit is an error.
 * @throws FlError `not-found` or `permission-denied` when the file cannot be read, `invalid-argument` on a header that differs,
 * on a damaged file and when no row is left to train on, `resource-exhausted` above 2^29 inputs
 */
export async function loadTable(path: string, data: DataSchema): Promise<LoadedTable> {
  try {
    return await loadRows(createReadStream(path), data);
  } catch (cause) {
    throw fileError(path, cause);
  }
}

/** {@link loadTable} of bytes from anywhere. */
export async function loadRows(chunks: CsvSource["chunks"], data: DataSchema): Promise<LoadedTable> {
  const encoder = createRowEncoder(data);
  const training = createTableBuilder(encoder.featureCount);
  const heldBack = createTableBuilder(encoder.featureCount);
  const features = new Float32Array(encoder.featureCount);
  const skipped: SkippedRow[] = [];
  let skippedCount = 0;
  let rowsSeen = 0;

  function onRow({ line, cells }: RawRow): void {
    rowsSeen++;
    if (data.header && rowsSeen === 1) {
      assertHeader(cells, data.columns);
      return;
    }
    const row = encoder.encodeInto(features, cells);
    if (row.kind === "row") {
      (isHeldBack(cells, data.heldBack) ? heldBack : training).add(features, row.label);
      return;
    }
    skippedCount++;
    if (skipped.length < reasonsMax) skipped.push({ line, reason: row.reason });
  }

  await readRows({ chunks, delimiter: data.delimiter }, onRow);
  const loaded = { training: training.table(), heldBack: heldBack.table(), skipped, skippedCount };
  if (loaded.training.rows === 0) throw new FlError("invalid-argument", whyEmpty(loaded));
  return loaded;
}

function whyEmpty({ heldBack, skipped, skippedCount }: LoadedTable): string {
  if (skippedCount === 0 && heldBack.rows === 0) return "the table has no rows";
  const first = skipped[0];
  const example = first === undefined ? "" : `, the first on line ${first.line} for ${first.reason}`;
  return `the table has no row to train on: ${heldBack.rows} are held back and ${skippedCount} skipped${example}`;
}

function fileError(path: string, cause: unknown): FlError {
  if (cause instanceof FlError) return new FlError(cause.code, `${path}: ${cause.message}`, { cause });
  const code = cause instanceof Error && "code" in cause ? cause.code : null;
  if (code === "ENOENT") return new FlError("not-found", `${path} does not exist`, { cause });
  if (code === "EACCES") return new FlError("permission-denied", `${path} may not be read by this user`, { cause });
  if (code === "EISDIR") return new FlError("invalid-argument", `${path} is a folder, not a table`, { cause });
  return toFlError(cause);
}
