import { utf8 } from "@sotto/base";
import { type Json, parseJson, type Schema, schema } from "@sotto/schema";

/** What a service says once it serves: with `--json` its one line of standard output, for whoever started it. */
export type Ready =
  | { readonly kind: "coordinator"; readonly host: string; readonly port: number }
  | { readonly kind: "client"; readonly client: string };

const readySchema: Schema<{ ready: Ready }> = schema.strictObject({
  ready: schema.discriminatedUnion("kind", [
    schema.strictObject({
      kind: schema.literal("coordinator"),
      host: schema.string().min(1).max(253),
      port: schema.number().int().min(1).max(65_535),
    }),
    schema.strictObject({ kind: schema.literal("client"), client: schema.string().min(1).max(63) }),
  ]),
});

/** The object of the line. */
export function readyJson(ready: Ready): Json {
  return { ready: { ...ready } };
}

/** Reads the line. @throws FlError `invalid-argument` when it is another */
export function parseReady(line: string): Ready {
  return parseJson(readySchema, utf8(line), "the line of a service that is ready").ready;
}
