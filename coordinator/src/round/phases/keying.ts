import { type ClientId, type Instant, ok, refused } from "@sotto/base";
import { type Advert, closeAdverts, minimumFor, openSession, receiveAdvert } from "@sotto/secagg";
import { dropUnanswered } from "../asked.ts";
import type { KeyingState, SelectingState } from "../state.ts";
import type { Step, Taken } from "../step-result.ts";
import { abandon } from "./ended.ts";
import { phaseRecord } from "./record.ts";
import { enterSharing } from "./sharing.ts";
import { openWindow } from "./window.ts";

/** Opens a session of the aggregation protocol for the clients that trained. */
export function enterKeying(selecting: SelectingState, begin: { readonly candidates: readonly ClientId[]; readonly at: Instant }): Step {
  const { setup, startedAt, lastReadyAt, asked } = dropUnanswered(selecting);
  const session = openSession({
    context: setup.context,
    candidates: begin.candidates,
    enrolled: setup.enrolled,
    tolerance: setup.tolerance,
    cohortSizeMin: setup.clientsMin,
  });
  const window = openWindow(setup.rules.protocol, begin.at);
  const state: KeyingState = { phase: "keying", setup, startedAt, asked, lastReadyAt, window, session };
  return { state, effects: [phaseRecord(state)] };
}

/** A candidate's session keys. */
export function takeAdvert(state: KeyingState, event: { readonly client: ClientId; readonly advert: Advert }): Taken {
  const { client, advert } = event;
  if (advert.client !== client) return refused("not-a-member", `client ${client} sent the advert of ${advert.client}`);
  const received = receiveAdvert(state.session, advert);
  if (received.kind === "refused") return received;
  return ok({ state: { ...state, session: received.value.state }, repeated: received.value.repeated });
}

/** Fewest adverts a cohort is made of. */
export function keyingMinimum(state: KeyingState): number {
  return Math.max(state.setup.clientsMin, minimumFor(state.session));
}

/** Fixes the cohort. */
export function closeKeying(state: KeyingState, at: Instant): Step {
  const closed = closeAdverts(state.session);
  if (closed.kind === "refused") return abandon(state, { reason: closed.refusal.message, missing: [], at });
  return enterSharing(dropUnanswered(state), { session: closed.value, at });
}
