import { type Schema, schema } from "@sotto/schema";

/** How one column of a table becomes model inputs. */
export type ColumnRule =
  /** One input: (value - mean) / deviation; a missing value becomes `imputed` first. `missing` lists marks of this column alone (`"0"` for a laboratory that wrote 0). */
  | {
      readonly type: "numeric";
      readonly name: string;
      readonly mean: number;
      readonly deviation: number;
      readonly imputed: number;
      readonly min: number;
      readonly max: number;
      readonly missing: readonly string[];
    }
  /** One input a level, 1 for the row's level and 0 for the others; a missing value sets none. */
  | { readonly type: "categorical"; readonly name: string; readonly levels: readonly string[] }
  | { readonly type: "ignored"; readonly name: string };

/** How the target column becomes a label. */
export type TargetRule =
  /** 1 when the cell, a number, is above `above`; else 0. */
  | { readonly type: "binary"; readonly column: string; readonly above: number }
  /** The index of the cell in `levels`. */
  | { readonly type: "class"; readonly column: string; readonly levels: readonly string[] }
  /** (value - mean) / deviation. */
  | { readonly type: "number"; readonly column: string; readonly mean: number; readonly deviation: number };

/** A table the plan expects at every client: columns in file order, the target among them as `ignored`. */
export interface DataSchema {
  readonly format: "csv";
  readonly delimiter: string;
  /** Whether the first line names the columns; it must then equal them. */
  readonly header: boolean;
  /** Texts that mean "missing" in any column, besides the empty cell. */
  readonly missing: readonly string[];
  readonly columns: readonly ColumnRule[];
  readonly target: TargetRule;
  /** Fraction of rows held back from training for evaluation, chosen by a hash of the row's text and this seed. */
  readonly heldBack: { readonly fraction: number; readonly seed: number };
}

const name = schema.string().min(1).max(128);
const level = schema.string().min(1).max(128);
const levels = schema.array(level).min(2).max(1024);
const number = schema.number().finite();
const deviation = schema.number().positive().finite();

const columnSchema: Schema<ColumnRule> = schema.discriminatedUnion("type", [
  schema.strictObject({
    type: schema.literal("numeric"),
    name,
    mean: number,
    deviation,
    imputed: number,
    min: number,
    max: number,
    missing: schema.array(level).max(16),
  }),
  schema.strictObject({ type: schema.literal("categorical"), name, levels: schema.array(level).min(1).max(1024) }),
  schema.strictObject({ type: schema.literal("ignored"), name }),
]);

const targetSchema: Schema<TargetRule> = schema.discriminatedUnion("type", [
  schema.strictObject({ type: schema.literal("binary"), column: name, above: number }),
  schema.strictObject({ type: schema.literal("class"), column: name, levels }),
  schema.strictObject({ type: schema.literal("number"), column: name, mean: number, deviation }),
]);

/** Reads a {@link DataSchema}: names and levels distinct, the target among the columns, numeric bounds in order. */
export const dataSchema: Schema<DataSchema> = schema
  .strictObject({
    format: schema.literal("csv"),
    delimiter: schema.string().length(1),
    header: schema.boolean(),
    missing: schema.array(schema.string().max(128)).max(64),
    columns: schema.array(columnSchema).min(2).max(4096),
    target: targetSchema,
    heldBack: schema.strictObject({
      fraction: schema.number().min(0).max(0.9),
      seed: schema
        .number()
        .int()
        .min(0)
        .max(2 ** 32 - 1),
    }),
  })
  .superRefine((data, context) => {
    const names = data.columns.map((column) => column.name);
    const complain = (path: (string | number)[], message: string): void => context.addIssue({ code: "custom", path, message });
    for (const at of repeated(names)) complain(["columns", at, "name"], `column ${JSON.stringify(names[at])} is named twice`);
    data.columns.forEach((column, index) => {
      if (column.type === "numeric" && column.min >= column.max)
        complain(["columns", index], `min ${column.min} must be below max ${column.max}`);
      if (column.type === "categorical")
        for (const at of repeated(column.levels)) complain(["columns", index, "levels", at], "the level is listed twice");
    });
    if (data.target.type === "class")
      for (const at of repeated(data.target.levels)) complain(["target", "levels", at], "the level is listed twice");
    const target = data.columns.find((column) => column.name === data.target.column);
    if (target?.type !== "ignored")
      complain(["target", "column"], `target ${JSON.stringify(data.target.column)} must be one of the columns, of type "ignored"`);
  });

/** Indices of the texts that stand earlier in the list as well. */
function repeated(texts: readonly string[]): readonly number[] {
  const firsts = new Map(texts.map((text, index): [string, number] => [text, index]).reverse());
  return texts.flatMap((text, index) => (firsts.get(text) === index ? [] : [index]));
}

/** How many model inputs one row makes. */
export function featureCount(data: DataSchema): number {
  return data.columns.reduce(
    (count, column) => count + (column.type === "numeric" ? 1 : column.type === "categorical" ? column.levels.length : 0),
    0,
  );
}
