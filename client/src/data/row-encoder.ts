import { assertNever } from "@sotto/base";
import { type ColumnRule, type DataSchema, featureCount, type TargetRule } from "@sotto/protocol";

/** What one row comes to: its label, its inputs being in the encoder's array; or why it is skipped, without its values. */
export type EncodedRow = { readonly kind: "row"; readonly label: number } | { readonly kind: "skipped"; readonly reason: string };

/** Turns the cells of a row into model inputs and a label, as a {@link DataSchema} says. */
export interface RowEncoder {
  readonly featureCount: number;
  /** Writes the row's inputs into `target`, `featureCount` long; after a skipped row `target` holds nothing of use. */
  encodeInto(target: Float32Array, cells: readonly string[]): EncodedRow;
}

/** Writes one column's inputs from `offset` on and answers what is wrong with the cell, or null. */
type ColumnEncoder = (target: Float32Array, offset: number, cell: string) => string | null;

/** The encoder of a schema. Cells and levels are equal when their texts are, or when both are numbers of one value: `1.0` is `1`. */
export function createRowEncoder(data: DataSchema): RowEncoder {
  const columns = data.columns.map((rule) => ({
    name: rule.name,
    width: rule.type === "numeric" ? 1 : rule.type === "categorical" ? rule.levels.length : 0,
    encodeInto: columnEncoder(rule, data.missing),
  }));
  const targetIndex = data.columns.findIndex((column) => column.name === data.target.column);
  const labelOf = createLabeller(data.target);
  const isTargetMissing = missingTest(data.missing);

  function encodeInto(target: Float32Array, cells: readonly string[]): EncodedRow {
    if (cells.length !== columns.length) return skipped(`${cells.length} cells where ${columns.length} are expected`);
    let offset = 0;
    for (const [i, column] of columns.entries()) {
      const wrong = column.encodeInto(target, offset, cells[i] ?? "");
      if (wrong !== null) return skipped(`column ${column.name}: ${wrong}`);
      offset += column.width;
    }
    const cell = cells[targetIndex] ?? "";
    if (isTargetMissing(cell)) return skipped(`target ${data.target.column}: missing`);
    const label = labelOf(cell);
    return label === null ? skipped(`target ${data.target.column}: ${whyNoLabel(data.target)}`) : { kind: "row", label };
  }

  return { featureCount: featureCount(data), encodeInto };
}

function skipped(reason: string): EncodedRow {
  return { kind: "skipped", reason };
}

function columnEncoder(rule: ColumnRule, missing: readonly string[]): ColumnEncoder {
  switch (rule.type) {
    case "numeric":
      return numericEncoder(rule, missingTest([...missing, ...rule.missing]));
    case "categorical":
      return categoricalEncoder(rule.levels, missingTest(missing));
    case "ignored":
      return () => null;
    default:
      return assertNever(rule);
  }
}

function numericEncoder(rule: Extract<ColumnRule, { type: "numeric" }>, isMissing: (cell: string) => boolean): ColumnEncoder {
  const imputed = (rule.imputed - rule.mean) / rule.deviation;
  return (target, offset, cell) => {
    if (isMissing(cell)) {
      target[offset] = imputed;
      return null;
    }
    const value = numberOf(cell);
    if (value === null) return "not a number";
    if (value < rule.min || value > rule.max) return `outside ${rule.min} to ${rule.max}`;
    target[offset] = (value - rule.mean) / rule.deviation;
    return null;
  };
}

function categoricalEncoder(levels: readonly string[], isMissing: (cell: string) => boolean): ColumnEncoder {
  const indexOf = textIndex(levels);
  return (target, offset, cell) => {
    target.fill(0, offset, offset + levels.length);
    if (isMissing(cell)) return null;
    const index = indexOf(cell);
    if (index === null) return `none of its ${levels.length} levels`;
    target[offset + index] = 1;
    return null;
  };
}

function createLabeller(rule: TargetRule): (cell: string) => number | null {
  switch (rule.type) {
    case "binary":
      return (cell) => {
        const value = numberOf(cell);
        return value === null ? null : value > rule.above ? 1 : 0;
      };
    case "class":
      return textIndex(rule.levels);
    case "number":
      return (cell) => {
        const value = numberOf(cell);
        const label = value === null ? null : Math.fround((value - rule.mean) / rule.deviation);
        return Number.isFinite(label) ? label : null;
      };
    default:
      return assertNever(rule);
  }
}

function whyNoLabel(rule: TargetRule): string {
  return rule.type === "class" ? `none of its ${rule.levels.length} levels` : "not a number";
}

function missingTest(marks: readonly string[]): (cell: string) => boolean {
  const indexOf = textIndex(marks);
  return (cell) => cell === "" || indexOf(cell) !== null;
}

/** Finds the index of a text among `texts`: the same text first, else a number of the same value. */
function textIndex(texts: readonly string[]): (cell: string) => number | null {
  const byText = new Map<string, number>();
  const byNumber = new Map<number, number>();
  texts.forEach((text, index) => {
    const trimmed = text.trim();
    const value = numberOf(trimmed);
    if (!byText.has(trimmed)) byText.set(trimmed, index);
    if (value !== null && !byNumber.has(value)) byNumber.set(value, index);
  });
  return (cell) => {
    const exact = byText.get(cell);
    if (exact !== undefined) return exact;
    const value = byNumber.size > 0 ? numberOf(cell) : null;
    return value === null ? null : (byNumber.get(value) ?? null);
  };
}

const numberPattern = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** A decimal number, or null: no hexadecimal, no `Infinity`, no thousands mark and no unit. */
function numberOf(cell: string): number | null {
  if (!numberPattern.test(cell)) return null;
  const value = Number(cell);
  return Number.isFinite(value) ? value : null;
}
