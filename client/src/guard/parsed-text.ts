import { toFlError } from "@sotto/base";
import { type Schema, schema } from "@sotto/schema";

/** A text that `parse` reads; what it throws becomes a mistake with its path, like any other. */
export function parsedText<T>(parse: (text: string) => T): Schema<T> {
  return schema.string().transform((text, context) => {
    try {
      return parse(text);
    } catch (thrown) {
      context.addIssue({ code: "custom", message: toFlError(thrown).message });
      return schema.NEVER;
    }
  });
}
