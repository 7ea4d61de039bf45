import type { Refusal } from "./errors.ts";

/** What a check of a peer's message comes to: a value, or why it is refused. Never thrown: a peer's fault is data. */
export type Outcome<T, R extends Refusal = Refusal> =
  | { readonly kind: "ok"; readonly value: T }
  | { readonly kind: "refused"; readonly refusal: R };

/** A value that passed. */
export function ok<T>(value: T): { readonly kind: "ok"; readonly value: T } {
  return { kind: "ok", value };
}

/** A refusal with its code and a message that names the thing and the bound, and no secret. */
export function refused<Code extends string>(code: Code, message: string): { readonly kind: "refused"; readonly refusal: Refusal<Code> } {
  return { kind: "refused", refusal: { code, message } };
}
