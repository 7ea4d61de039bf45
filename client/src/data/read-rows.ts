import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { FlError } from "@sotto/base";
import { CsvError, parse } from "csv-parse";

/** Longest row that is read, in bytes: a quote left open would otherwise swallow the rest of the file. */
const rowBytesMax = 1 << 20;

/** One row as it stands in the file: its cells without the blanks around them, and the number of its last line, from 1. */
export interface RawRow {
  readonly line: number;
  readonly cells: readonly string[];
}

/** Where rows come from: bytes in order, in pieces of any size, and the character between cells. */
export interface CsvSource {
  readonly chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  readonly delimiter: string;
}

/**
 * Hands every row of a CSV text (RFC 4180) to `onRow`, in order and one at a time: no more than one row is held.
 * A byte order mark, CRLF, LF and CR, quoted cells and blank lines are understood; a quote inside an unquoted cell is a character.
 * @throws FlError `invalid-argument` when a quote is never closed, a row is over 1 MiB or the delimiter cannot be one; whatever `onRow` throws
 */
export async function readRows(source: CsvSource, onRow: (row: RawRow) => void): Promise<void> {
  if (/["\r\n]/.test(source.delimiter)) {
    throw new FlError("invalid-argument", `delimiter ${JSON.stringify(source.delimiter)} must not be a quote or a line end`);
  }
  const parser = parse({
    delimiter: source.delimiter,
    bom: true,
    relax_column_count: true,
    relax_quotes: true,
    record_delimiter: ["\r\n", "\n", "\r"],
    max_record_size: rowBytesMax,
    on_record: (cells: readonly string[], { lines }) => {
      const trimmed = cells.map((cell) => cell.trim());
      if (trimmed.length > 1 || trimmed[0] !== "") onRow({ line: lines, cells: trimmed });
      // Nothing is left for the parser to queue: every row is done with here.
      return null;
    },
  });
  parser.resume();
  try {
    await pipeline(Readable.from(source.chunks), parser);
  } catch (cause) {
    throw cause instanceof CsvError ? new FlError("invalid-argument", damage(cause.code)) : cause;
  }
}

/** The parser's own message quotes the cell, and an example is never put in an error: so it is neither used nor kept as the cause. */
function damage(code: string): string {
  if (code === "CSV_QUOTE_NOT_CLOSED") return "the table is damaged: a quoted cell is never closed";
  if (code === "CSV_MAX_RECORD_SIZE") return `the table is damaged: a row is over ${rowBytesMax} bytes (is a quoted cell never closed?)`;
  return `the table is damaged: ${code}`;
}
