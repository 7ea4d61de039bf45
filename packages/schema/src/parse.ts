import { FlError, fromUtf8 } from "@sotto/base";
import { parseDocument } from "yaml";
import { z } from "zod";

/** The schema builder: the one door to zod. */
export { z as schema };

/** A schema whose parsed value is a `T`. */
export type Schema<T> = z.ZodType<T>;

/**
 * `value` as a `T`.
 * @throws FlError `invalid-argument` naming every mistake with its path, one a line, prefixed by `what`
 */
export function parseWith<T>(shape: Schema<T>, value: unknown, what: string): T {
  const result = shape.safeParse(value);
  if (result.success) return result.data;
  throw mistakes(
    what,
    result.error.issues.map((issue) => `${pathText(issue.path)}: ${issue.message}`),
  );
}

/** The value of JSON bytes, read by `shape`. @throws FlError `invalid-argument` when not JSON, or as {@link parseWith} */
export function parseJson<T>(shape: Schema<T>, bytes: Uint8Array, what: string): T {
  let value: unknown;
  try {
    value = JSON.parse(fromUtf8(bytes));
  } catch (cause) {
    throw new FlError("invalid-argument", `${what} of ${bytes.length} bytes is not JSON`, { cause });
  }
  return parseWith(shape, value, what);
}

/** The value of a YAML text, read by `shape`. @throws FlError `invalid-argument` with line and column, or as {@link parseWith} */
export function parseYaml<T>(shape: Schema<T>, text: string, what: string): T {
  const document = parseDocument(text, { prettyErrors: true });
  if (document.errors.length > 0)
    throw mistakes(
      what,
      document.errors.map((error) => firstLine(error.message)),
    );
  return parseWith(shape, document.toJS({ maxAliasCount: 0 }), what);
}

function mistakes(what: string, lines: readonly string[]): FlError {
  const count = lines.length === 1 ? "1 mistake" : `${lines.length} mistakes`;
  return new FlError("invalid-argument", `${what} has ${count}\n${lines.map((line) => `  ${line}`).join("\n")}`);
}

function pathText(path: readonly PropertyKey[]): string {
  if (path.length === 0) return "(whole)";
  return path.reduce<string>(
    (text, key) => (typeof key === "number" ? `${text}[${key}]` : text === "" ? String(key) : `${text}.${String(key)}`),
    "",
  );
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0] ?? text;
}
