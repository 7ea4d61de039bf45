import type { FlError } from "@sotto/base";
import type { Json } from "@sotto/schema";
import { printable } from "./printable.ts";

/** Where results go: standard output, or a test's array. */
export interface OutputStream {
  write(text: string): unknown;
}

/** What a command prints when it is done. */
export interface Output {
  /** Whether programs read it: then nothing but one JSON object is printed. */
  readonly isJson: boolean;
  /** The result: `text` for people, or `json` as one object on the last line. */
  result(result: { readonly text: readonly string[]; readonly json: Json }): void;
}

/** Results on `stream`, as JSON when `isJson`. */
export function createOutput({ stream, isJson }: { readonly stream: OutputStream; readonly isJson: boolean }): Output {
  return {
    isJson,
    result({ text, json }) {
      const lines = isJson ? [JSON.stringify(json)] : text.map(printable);
      stream.write(lines.map((line) => `${line}\n`).join(""));
    },
  };
}

/** An error as the object of `--json`. */
export function errorJson(error: FlError): Json {
  return { error: { code: error.code, message: error.message } };
}
