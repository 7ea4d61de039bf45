import type { RoundNumber } from "@sotto/base";
import type { Plan } from "@sotto/protocol";
import type { ModelVector } from "@sotto/vector";
import type { LocalContribution } from "../update/prepare.ts";

/** One round's local work. */
export interface ComputeOrder {
  readonly plan: Plan;
  readonly round: RoundNumber;
  /** The received model; only read. */
  readonly model: ModelVector;
  /** Aborts when the round is left: the work then ends with any error. */
  readonly signal: AbortSignal;
}

/** Where a client computes. `createLocalCompute` trains on a table; tests and simulations may pass a plain function. */
export interface Compute {
  /** The contribution is the caller's: it wipes the update once it is masked or dropped. @throws FlError when it cannot be computed */
  contribute(order: ComputeOrder): Promise<LocalContribution>;
}
