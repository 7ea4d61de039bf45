import type { Refusal } from "@sotto/base";

/** Why the aggregation protocol refuses a message: one name a check (SECAGG 2.13). */
export type SecaggRefusalCode =
  /** A field of a length or order it cannot have. */
  | "malformed"
  /** A second message that differs from the accepted first. */
  | "conflicting-message"
  /** The sender or signer is not in the set that this stage works with. */
  | "not-a-member"
  | "bad-signature"
  | "not-enrolled"
  | "cohort-too-small"
  /** No threshold and quorum exist for a cohort of this size with this tolerance. */
  | "infeasible-cohort"
  | "cohort-not-sorted"
  | "own-advert-altered"
  | "duplicate-key"
  | "weak-key"
  | "bad-holders"
  | "too-few-dealers"
  | "too-few-holders"
  | "dealer-not-in-cohort"
  | "missing-share"
  | "survivor-not-dealer"
  | "too-few-survivors"
  | "self-missing"
  | "missing-header"
  /** A header that names other shares than its sender was dealt. */
  | "held-mismatch"
  | "too-few-signatures"
  | "duplicate-signer"
  | "unexpected-share"
  | "secret-mismatch"
  | "wrong-lane-width";

/** A refusal of the aggregation protocol. */
export type SecaggRefusal = Refusal<SecaggRefusalCode>;
