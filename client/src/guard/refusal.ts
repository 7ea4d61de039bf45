import type { Refusal } from "@sotto/base";
import type { RefusalCode } from "@sotto/protocol";

/** Why this client refuses what a coordinator asks, or leaves a round. Stable names, one test each. */
export type ClientRefusalCode =
  | RefusalCode
  /** A roster that does not read, or that the federation authority did not sign. */
  | "bad-roster"
  | "bad-roster-signature"
  | "roster-expired"
  /** A roster of a lower version than one seen, or another one of the same version. */
  | "roster-rollback"
  /** A round or session that is not above the last one seen of this task. */
  | "replay"
  /** An instruction for a session this client holds no state of: it restarted, or left it. */
  | "no-session"
  /** The round's update was masked already: it is never masked again. */
  | "spent"
  /** A survivor set of this session was signed already: a second one is never signed. */
  | "already-signed"
  /** The round's sample does not name this client, or one of the cohort; or too few of the sample are in the cohort. */
  | "not-sampled"
  | "member-not-sampled"
  | "too-few-sampled"
  /** The context of the session is not of the plan, model and roster this client accepted. */
  | "context-mismatch"
  /** The round lasts longer than the policy grants. */
  | "round-too-long"
  /** Computing or masking failed here; the details are in this client's own log. */
  | "local-failure"
  /** This client is being stopped. */
  | "stopping";

/** A refusal by this client's own checks. Its message goes to the coordinator: never a path, a cell or a secret. */
export type ClientRefusal = Refusal<ClientRefusalCode>;
