import { FlError } from "@sotto/base";
import type { DataSchema } from "@sotto/protocol";

/**
 * Checks a table's first row against the columns of the schema. Only names of the schema are quoted back: a file without a
 * header has an example there.
 * @throws FlError `invalid-argument` naming what differs
 */
export function assertHeader(found: readonly string[], columns: DataSchema["columns"]): void {
  const expected = columns.map((column) => column.name);
  if (found.length === expected.length && found.every((name, i) => name === expected[i])) return;
  throw new FlError("invalid-argument", `the table's header differs from the plan's columns: ${difference(found, expected)}`);
}

function difference(found: readonly string[], expected: readonly string[]): string {
  const missing = expected.filter((name) => !found.includes(name));
  const known = found.filter((name) => expected.includes(name));
  const unknown = found.length - known.length;
  const doubled = known.filter((name, i) => known.indexOf(name) !== i);
  const parts = [
    missing.length > 0 ? `missing ${quoted(missing)}` : "",
    unknown > 0 ? `${unknown} unknown` : "",
    doubled.length > 0 ? `more than once ${quoted(doubled)}` : "",
  ].filter((part) => part !== "");
  if (parts.length > 0) return parts.join(", ");
  const misplaced = expected.findIndex((name, i) => name !== found[i]);
  return `another order, column ${misplaced + 1} must be ${quoted(expected.slice(misplaced, misplaced + 1))} and is ${quoted(found.slice(misplaced, misplaced + 1))}`;
}

function quoted(names: readonly string[]): string {
  const shown = names.slice(0, 8).map((name) => JSON.stringify(name));
  return names.length > shown.length ? `${shown.join(", ")} and ${names.length - shown.length} more` : shown.join(", ");
}
