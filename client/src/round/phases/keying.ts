import { enrolledKeys } from "@sotto/identity";
import { isSamePosition } from "@sotto/protocol";
import { shareKeys } from "@sotto/secagg";
import { checkCohort } from "../../guard/cohort-guard.ts";
import { checkSampledCohort } from "../../guard/sample-guard.ts";
import type { Effect } from "../effect.ts";
import { enterSession, opensSession } from "../enter-session.ts";
import type { EventOf, PhaseEvent } from "../event.ts";
import { type Step, withdraw } from "../moves.ts";
import { outOfTurn } from "../out-of-turn.ts";
import type { Keying } from "../state.ts";

/** A cohort below this is told to the owner, every session (SECAGG, decision 9). */
const fewPeersBelow = 10;

/** Its session keys are advertised: the cohort's adverts come next, or another session. */
export function stepKeying(state: Keying, event: PhaseEvent): Step {
  if (event.kind === "share-keys" && isSamePosition(event.position, state.position)) return takeAdverts(state, event);
  if (event.kind === "advertise" && opensSession(state, event.position)) return enterSession(state, state.roster, event);
  return outOfTurn(state, event);
}

/** Deals shares to a cohort that the policy accepts (SECAGG 2.8, S1). */
function takeAdverts(state: Keying, { adverts, position, seed, at }: EventOf<"share-keys">): Step {
  const { self, memory, offer, roster } = state;
  const { aggregation } = offer.plan;
  const cohort = checkCohort({ cohortSize: adverts.length, plan: offer.plan, policy: self.policy });
  if (cohort.kind === "refused") return withdraw(state, { position, refusal: cohort.refusal, at });
  const members = adverts.map(({ client }) => client);
  const sample = checkSampledCohort({ plan: offer.plan, round: position.round, modelDigest: offer.modelDigest, members, roster });
  if (sample.kind === "refused") return withdraw(state, { position, refusal: sample.refusal, at });
  const cohortSizeMin = Math.max(self.policy.minCohort, aggregation.cohortSizeMin);
  const shared = shareKeys(state.session, { adverts, enrolled: enrolledKeys(roster), tolerance: aggregation, cohortSizeMin, seed });
  if (shared.kind === "refused") return withdraw(state, { position, refusal: shared.refusal, at });
  const { bundle, state: session, consumed } = shared.value;
  const sent = { kind: "shares", position, bundle } as const;
  return {
    state: { phase: "sharing", self, memory, offer, position, roster, session, sent },
    effects: [...fewPeers(state, adverts.length), { kind: "submit", submission: sent }],
    consumed,
  };
}

function fewPeers({ position }: Keying, cohortSize: number): readonly Effect[] {
  return cohortSize < fewPeersBelow ? [{ kind: "notice", notice: { kind: "few-peers", position, cohortSize } }] : [];
}
