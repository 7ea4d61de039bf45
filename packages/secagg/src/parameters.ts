import { FlError, type Outcome, ok, type Refusal, refused } from "@sotto/base";
import { findGraphParameters } from "./graph/find-parameters.ts";
import type { Tolerance } from "./messages.ts";

/** Up to this many clients everybody deals to everybody; above it each draws its own holders: SECAGG 2.5. */
export const completeGraphMax = 128;

/** The largest cohort: the last row of the table of SECAGG 2.6. */
export const cohortSizeMax = 10_000;

/** The most holders a client of such a cohort may need: its neighbours, twice as many, must fit the messages of S2 and S4. SECAGG 2.6 goes to 261. */
const holderCountMax = 400;

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
  /** h: clients that each client deals shares to. */
  readonly holderCount: number;
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

/**
 * The parameters of a cohort, or why there are none: a quorum must remain after the dropouts, a share must be needed, and above
 * {@link completeGraphMax} clients a number of holders must exist that meets the conditions of SECAGG 2.5.
 */
export function feasibleParameters({ cohortSize, tolerance }: CohortTolerance): Outcome<SessionParameters, Refusal<"infeasible-cohort">> {
  if (cohortSize > cohortSizeMax) return refused("infeasible-cohort", `cohort of ${cohortSize} clients must have at most ${cohortSizeMax}`);
  const corruptMax = floorOfProduct(tolerance.gamma, cohortSize);
  const dropoutMax = floorOfProduct(tolerance.delta, cohortSize);
  const remaining = cohortSize - dropoutMax;
  const quorum = Math.floor((cohortSize + corruptMax) / 2) + 1;
  const survivorsMin = Math.max(remaining, honestInSumMin + corruptMax);
  if (remaining < quorum || survivorsMin > cohortSize) {
    return refused(
      "infeasible-cohort",
      `cohort of ${cohortSize} clients less ${dropoutMax} dropouts must keep a quorum of ${quorum} and ${honestInSumMin} honest clients`,
    );
  }
  const graph = graphOf({ cohortSize, corruptMax, dropoutMax });
  if (graph === null || graph.threshold < thresholdMin) {
    return refused(
      "infeasible-cohort",
      `cohort of ${cohortSize} clients less ${dropoutMax} dropouts, ${corruptMax} corrupt, must leave a threshold of at least ${thresholdMin} among at most ${holderCountMax} holders`,
    );
  }
  return ok({ cohortSize, corruptMax, dropoutMax, ...graph, quorum, survivorsMin });
}

/** Whether every client deals to every other in a cohort of this many. */
export function isComplete({ cohortSize, holderCount }: SessionParameters): boolean {
  return holderCount === cohortSize - 1;
}

function graphOf(counts: {
  readonly cohortSize: number;
  readonly corruptMax: number;
  readonly dropoutMax: number;
}): Pick<SessionParameters, "holderCount" | "threshold"> | null {
  const { cohortSize, dropoutMax } = counts;
  if (cohortSize <= completeGraphMax) return { holderCount: cohortSize - 1, threshold: cohortSize - dropoutMax - 1 };
  const found = findGraphParameters(counts);
  if (found === null || found.holderCount > holderCountMax) return null;
  return { holderCount: found.holderCount, threshold: found.threshold };
}

/** floor(fraction * count) of the decimal fraction that was written: 0.29 * 100 is 29, though the float64 product is below it. */
function floorOfProduct(fraction: number, count: number): number {
  return Math.floor(fraction * count + 1e-9);
}
