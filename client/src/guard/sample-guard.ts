import { type ClientId, type Digest, type Outcome, ok, type Refusal, type RoundNumber, refused } from "@sotto/base";
import type { Roster } from "@sotto/identity";
import type { Plan } from "@sotto/protocol";
import { isSampled, sampledOf } from "@sotto/secagg";

/** A round, as its sample is drawn for it: everybody can compute who is in it, and nobody can choose (SECAGG 2.4). */
export interface SampledRound {
  readonly plan: Plan;
  readonly round: RoundNumber;
  /** Of the model that the round begins with. */
  readonly modelDigest: Digest;
}

/** A cohort of a round, and everybody that it could have been drawn from. */
export interface SampledCohort extends SampledRound {
  readonly members: readonly ClientId[];
  readonly roster: Roster;
}

/** A round whose sample names this client. Without a sampling rate in the plan every client is asked, and this says nothing. */
export function checkSampled(of: SampledRound, client: ClientId): Outcome<null, Refusal<"not-sampled">> {
  const { samplingRate } = of.plan.aggregation;
  if (samplingRate === null || isSampled({ ...of, samplingRate }, client)) return ok(null);
  return refused("not-sampled", `the sample of round ${of.round} at samplingRate ${samplingRate} does not name this client`);
}

/**
 * A cohort of clients that the sample names, and of so many of them that no more than the plan's dropouts are missing: a coordinator
 * that leaves out honest clients would raise the share of corrupt ones.
 */
export function checkSampledCohort(cohort: SampledCohort): Outcome<null, Refusal<"member-not-sampled" | "too-few-sampled">> {
  const { plan, round, modelDigest, members, roster } = cohort;
  const { samplingRate, delta } = plan.aggregation;
  if (samplingRate === null) return ok(null);
  const draw = { modelDigest, round, samplingRate };
  const stranger = members.find((client) => !isSampled(draw, client));
  if (stranger !== undefined) {
    return refused(
      "member-not-sampled",
      `the sample of round ${round} at samplingRate ${samplingRate} does not name ${stranger} of the cohort`,
    );
  }
  const enrolled = roster.clients.map(({ id }) => id);
  const sampled = sampledOf(draw, enrolled).length;
  const least = Math.ceil((1 - delta) * sampled - 1e-9); // the decimal fraction that was written: 0.7 of 10 is 7
  if (members.length >= least) return ok(null);
  return refused(
    "too-few-sampled",
    `a cohort of ${members.length} must be at least ${least} of the ${sampled} sampled, by the plan's delta ${delta}`,
  );
}
