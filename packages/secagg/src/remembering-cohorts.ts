import { equalBytes, type Outcome } from "@sotto/base";
import { type Cohort, type CohortCheck, checkCohort } from "./cohort.ts";
import type { SecaggRefusal } from "./refusal.ts";

/**
 * A {@link checkCohort} that remembers the last list of adverts it checked: for clients simulated in one process, which are all given the same
 * list and ask the same of it. A client on its own gains nothing by it.
 */
export function rememberingCohorts(): CohortCheck {
  let last: { readonly of: Parameters<CohortCheck>; readonly outcome: Outcome<Cohort, SecaggRefusal> } | null = null;
  return (contextDigest, adverts, rule) => {
    if (last !== null && isSame(last.of, [contextDigest, adverts, rule])) return last.outcome;
    last = { of: [contextDigest, adverts, rule], outcome: checkCohort(contextDigest, adverts, rule) };
    return last.outcome;
  };
}

/** The very same list, asked the same of: lists and rules are never changed once made. */
function isSame([context, adverts, rule]: Parameters<CohortCheck>, [otherContext, others, other]: Parameters<CohortCheck>): boolean {
  return (
    adverts === others &&
    equalBytes(context, otherContext) &&
    rule.enrolled === other.enrolled &&
    rule.cohortSizeMin === other.cohortSizeMin &&
    rule.tolerance.gamma === other.tolerance.gamma &&
    rule.tolerance.delta === other.tolerance.delta
  );
}
