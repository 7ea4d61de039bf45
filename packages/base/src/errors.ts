/** What went wrong, for programs. Stable; each maps to one gRPC status (see `wire`). */
export type FlErrorCode =
  | "invalid-argument"
  | "failed-precondition"
  | "not-found"
  | "already-exists"
  | "permission-denied"
  | "unauthenticated"
  | "resource-exhausted"
  | "unavailable"
  | "deadline-exceeded"
  | "aborted"
  | "cancelled"
  | "data-loss"
  | "unimplemented"
  | "internal";

/**
 * The only error Sotto throws: a bug or a failed operation. A peer's fault is data, a {@link Refusal}.
 * The message is for people: lowercase start, no full stop, names the thing, its value (unless secret) and the bound.
 */
export class FlError extends Error {
  override readonly name = "FlError";
  readonly code: FlErrorCode;

  constructor(code: FlErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/** Any thrown value as an `FlError`: itself when it is one, else wrapped as `internal` with its cause. */
export function toFlError(thrown: unknown): FlError {
  if (thrown instanceof FlError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new FlError("internal", message, { cause: thrown });
}

/** A peer's fault, as data: a stable code for programs and a sentence for people. Never holds a secret. */
export interface Refusal<Code extends string = string> {
  readonly code: Code;
  readonly message: string;
}
