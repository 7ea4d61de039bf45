import type { Refusal } from "@sotto/base";
import type { SecaggRefusalCode } from "@sotto/secagg";

/** Why a message is refused outside the aggregation protocol itself. Stable names, one test each. */
export type ConversationRefusalCode =
  /** The message is not one of its kind: a missing field, a wrong length, an unknown member. */
  | "malformed"
  /** A field or the whole is over its maximum in `wire/src/limits.ts`. */
  | "too-large"
  /** The message belongs to a phase that is not now. */
  | "wrong-phase"
  /** A round or session that has not begun. */
  | "unknown-position"
  | "unknown-task"
  /** The caller was not asked to take part. */
  | "not-in-cohort"
  /** A second message that differs from the accepted first. */
  | "conflicting-message"
  /** Bytes, length or `last` do not match what the upload declared. */
  | "incomplete-upload"
  | "digest-mismatch"
  /** More than the concurrent uploads that memory is granted for. */
  | "no-upload-slot"
  /** The plan is weaker than the data owner's policy, or outside its bounds. */
  | "policy"
  | "shutting-down";

/** Every refusal a client or a coordinator can give. */
export type RefusalCode = ConversationRefusalCode | SecaggRefusalCode;

/** A peer's fault with its code. */
export type ProtocolRefusal = Refusal<RefusalCode>;
