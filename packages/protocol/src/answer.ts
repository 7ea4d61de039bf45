import type { RefusalCode } from "./refusal.ts";

/** The coordinator's answer to a submission or upload. */
export type Answer =
  | { readonly kind: "accepted" }
  /** The identical message was accepted before: not an error. */
  | { readonly kind: "duplicate" }
  /** The position is over; `round` is the task's current one. */
  | { readonly kind: "stale"; readonly round: number }
  | { readonly kind: "not-now"; readonly retryAfterMs: number }
  | { readonly kind: "refused"; readonly code: RefusalCode; readonly message: string };
