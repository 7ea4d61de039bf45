import type { Digest, FederationId, Instant, TaskId } from "@sotto/base";
import type { Plan, TaskSpec, TaskStatus } from "@sotto/protocol";
import type { EnrolledKeys } from "@sotto/secagg";
import type { ContributionShape } from "@sotto/vector";
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
  /** Fewest clients a round begins with. */
  readonly clientsMin: number;
  readonly modelSizeBytes: number;
  readonly plans: { readonly train: TaskPlan; readonly evaluate: TaskPlan };
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
  /** While enough clients for a round are not there: since when, and how many were when last looked at; null when not waiting. */
  readonly waiting: { readonly since: Instant; readonly present: number } | null;
  /** The round begun last, also after it ended. Its number is the task's round counter; abandoned rounds count. */
  readonly round: RoundState | null;
}
