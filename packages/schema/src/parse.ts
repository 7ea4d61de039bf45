import { FlError, fromUtf8, toFlError } from "@sotto/base";
import { parseDocument, visit } from "yaml";
import { z } from "zod";

/** The schema builder: the one door to zod. */
export { z as schema };

/** A schema whose parsed value is a `T`. */
export type Schema<T> = z.ZodType<T>;

/** Levels of lists and objects inside each other: more than any plan needs, and far less than a reader's stack. */
const depthMax = 64;

/** Mistakes that one message names. */
const namedMax = 50;

/**
 * `value` as a `T`.
 * @throws FlError `invalid-argument` naming every mistake with its path, one a line, prefixed by `what`; of more than 50 the first 50
 */
export function parseWith<T>(shape: Schema<T>, value: unknown, what: string): T {
  if (isDeeperThan(value, depthMax)) throw mistakes(what, [`(whole): lists and objects are nested more than ${depthMax} deep`]);
  const result = shape.safeParse(value);
  if (result.success) return result.data;
  throw mistakes(
    what,
    result.error.issues.map((issue) => `${pathText(issue.path)}: ${issue.message}`),
  );
}

/** Reads a text by a constructor that throws: what it throws becomes a mistake with its place, beside the others. */
export function parsedText<T>(parse: (text: string) => T): Schema<T> {
  return z.string().transform((text, context) => {
    try {
      return parse(text);
    } catch (thrown) {
      context.addIssue({ code: "custom", message: toFlError(thrown).message });
      return z.NEVER;
    }
  });
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

/**
 * The value of a YAML text of one document, read by `shape`. What YAML only warns of, such as an unknown tag, is a mistake, and so is
 * an alias: a few lines of them can stand for gigabytes.
 * @throws FlError `invalid-argument` with line and column, or as {@link parseWith}
 */
export function parseYaml<T>(shape: Schema<T>, text: string, what: string): T {
  const document = parseDocument(text, { prettyErrors: true, logLevel: "error" });
  const problems = [...document.errors, ...document.warnings].map((problem) => firstLine(problem.message));
  visit(document, {
    Alias: (_, alias) => {
      problems.push(`the alias *${alias.source} must be written out`);
    },
  });
  if (problems.length > 0) throw mistakes(what, problems);
  return parseWith(shape, document.toJS({ maxAliasCount: 0 }), what);
}

function mistakes(what: string, lines: readonly string[]): FlError {
  const count = lines.length === 1 ? "1 mistake" : `${lines.length} mistakes`;
  const named = lines.slice(0, namedMax);
  const more = lines.length > namedMax ? [`and ${lines.length - namedMax} more`] : [];
  return new FlError("invalid-argument", `${what} has ${count}\n${[...named, ...more].map((line) => `  ${line}`).join("\n")}`);
}

/** Level by level and not by recursion, which a hostile text could take to the end of the stack. */
function isDeeperThan(value: unknown, levels: number): boolean {
  let level = listsAndObjects([value]);
  for (let depth = 0; depth < levels && level.length > 0; depth++) level = listsAndObjects(level.flatMap((item) => Object.values(item)));
  return level.length > 0;
}

function listsAndObjects(items: readonly unknown[]): readonly object[] {
  return items.filter((item): item is object => typeof item === "object" && item !== null);
}

function pathText(path: readonly PropertyKey[]): string {
  if (path.length === 0) return "(whole)";
  return path.reduce<string>(
    (text, key) => (typeof key === "number" ? `${text}[${key}]` : text === "" ? String(key) : `${text}.${String(key)}`),
    "",
  );
}

/** Without the excerpt of the text that follows, and without its colon. */
function firstLine(text: string): string {
  return (text.split("\n", 1)[0] ?? text).replace(/:$/, "");
}
