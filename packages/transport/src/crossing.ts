import { FlError, toFlError } from "@sotto/base";
import { cutText, limits } from "@sotto/wire";

/**
 * What of an error crosses to the other side: its code, and its message cut to the maximum. The message of a bug may
 * quote anything, so of `internal` the code crosses alone. The cause stays here.
 */
export function crossingError(thrown: unknown): FlError {
  const error = toFlError(thrown);
  if (error.code === "internal") return new FlError("internal", "the coordinator failed; its log says why", { cause: error });
  return new FlError(error.code, cutText(error.message, limits.errorMessageSizeBytesMax), { cause: error });
}
