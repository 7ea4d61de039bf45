import type { ClientId, Digest, FederationId, Instant, TaskId } from "@sotto/base";
import type { Plan, TaskSpec, TaskStatus } from "@sotto/protocol";
import type { EnrolledKeys } from "@sotto/secagg";
import type { ContributionShape } from "@sotto/vector";
import type { Sample } from "../cohort/sample.ts";
import type { RoundState } from "../round/state.ts";

/** One of a task's two plans, with what follows from it. */
export interface TaskPlan {
  readonly plan: Plan;
  /** Canonical JSON. */
  readonly bytes: Uint8Array;
  readonly digest: Digest;
  readonly shape: ContributionShape;
}

/** What is fixed when a task is submitted. */
export interface TaskSetup {
  readonly task: TaskId;
  readonly spec: TaskSpec;
  readonly federation: FederationId;
  readonly rosterDigest: Digest;
  readonly enrolled: EnrolledKeys;
  /** Every client of the roster: whom a sample is drawn from. */
  readonly roster: readonly ClientId[];
  /** Fewest clients a round begins with. */
  readonly clientsMin: number;
  readonly modelSizeBytes: number;
  readonly plans: { readonly train: TaskPlan; readonly evaluate: TaskPlan };
}

/** What a task without a round waits for. */
export interface Waiting {
  readonly since: Instant;
  /** How many of those it may ask were there when last looked at. */
  readonly present: number;
  /** Clients enough for a round are there, and the draw leaves them out: another draw could do. */
  readonly isForDrawn: boolean;
}

/** A task in its life. `submitted → running → finished | stopped | failed`. It holds no vector: a model is its digest. */
export interface TaskState {
  readonly setup: TaskSetup;
  readonly status: TaskStatus;
  /** The latest durable model. */
  readonly modelDigest: Digest;
  /** The round that made it; 0 for the initial model. */
  readonly modelRound: number;
  /** Training rounds committed. */
  readonly roundsCommitted: number;
  /** Abandoned rounds since the last committed one. */
  readonly abandonedInRow: number;
  /** No round begins before: a pause that grows with each abandoned round. */
  readonly resumesAt: Instant;
  /** A stop was asked for while a sum was being released: the task stops as soon as that is done. */
  readonly isStopping: boolean;
  /** While enough clients for a round are not there; null when not waiting. */
  readonly waiting: Waiting | null;
  /** Number of the round begun last, or of the one given up last before it began; 0 before any. Abandoned rounds count. */
  readonly roundLast: number;
  /** The round begun last, also after it ended. */
  readonly round: RoundState | null;
  /** Whom the next round may ask; anybody when null. */
  readonly sample: Sample | null;
}
