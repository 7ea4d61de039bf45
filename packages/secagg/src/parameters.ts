import { FlError, type Outcome, ok, type Refusal, refused } from "@sotto/base";
import type { Tolerance } from "./messages.ts";

/** Largest cohort of the complete graph, the only graph of this version: SECAGG 2.5. */
export const cohortSizeMax = 128;

/** Fewest shares that may rebuild a secret: with 1, every holder would hold the secret itself. */
const thresholdMin = 2;

/** Fewest honest clients whose sum may be opened: SECAGG 2.4. */
export const honestInSumMin = 2;

/** The counts a session lives by, n the size of its cohort: SECAGG 2.4 to 2.6. */
export interface SessionParameters {
  /** n. */
  readonly cohortSize: number;
  /** m: corrupt clients that are tolerated. */
  readonly corruptMax: number;
  /** D: clients that may drop after advertising. */
  readonly dropoutMax: number;
  /** t: shares that rebuild a secret. */
  readonly threshold: number;
  /** Q: signatures over one survivor set, more than two survivor sets could both get. */
  readonly quorum: number;
  /** Fewest survivors. */
  readonly survivorsMin: number;
}

/** A cohort size and what it tolerates. */
export interface CohortTolerance {
  readonly cohortSize: number;
  readonly tolerance: Tolerance;
}

/**
 * The parameters of a cohort, for who plans one; what a peer proposes goes through {@link feasibleParameters}.
 * @throws FlError `failed-precondition` when none exist
 */
export function sessionParameters(input: CohortTolerance): SessionParameters {
  const outcome = feasibleParameters(input);
  if (outcome.kind === "refused") throw new FlError("failed-precondition", outcome.refusal.message);
  return outcome.value;
}

/** The parameters of a cohort, or why there are none: a quorum must remain after the dropouts, and a share must be needed. */
export function feasibleParameters({ cohortSize, tolerance }: CohortTolerance): Outcome<SessionParameters, Refusal<"infeasible-cohort">> {
  if (cohortSize > cohortSizeMax) return refused("infeasible-cohort", `cohort of ${cohortSize} clients must have at most ${cohortSizeMax}`);
  const corruptMax = floorOfProduct(tolerance.gamma, cohortSize);
  const dropoutMax = floorOfProduct(tolerance.delta, cohortSize);
  const remaining = cohortSize - dropoutMax;
  const threshold = remaining - 1;
  const quorum = Math.floor((cohortSize + corruptMax) / 2) + 1;
  const survivorsMin = Math.max(remaining, honestInSumMin + corruptMax);
  if (remaining < quorum || threshold < thresholdMin || survivorsMin > cohortSize) {
    return refused(
      "infeasible-cohort",
      `cohort of ${cohortSize} clients less ${dropoutMax} dropouts must keep a quorum of ${quorum}, ${honestInSumMin} honest clients and a threshold of ${thresholdMin}`,
    );
  }
  return ok({ cohortSize, corruptMax, dropoutMax, threshold, quorum, survivorsMin });
}

/** floor(fraction * count) of the decimal fraction that was written: 0.29 * 100 is 29, though the float64 product is below it. */
function floorOfProduct(fraction: number, count: number): number {
  return Math.floor(fraction * count + 1e-9);
}
