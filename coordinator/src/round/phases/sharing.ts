import { type ClientId, type Instant, ok } from "@sotto/base";
import { closeShares, minimumFor, receiveShares, type ShareBundle, type SharingServer } from "@sotto/secagg";
import { dropUnanswered } from "../asked.ts";
import type { KeyingState, SharingState } from "../state.ts";
import type { Step, Taken } from "../step-result.ts";
import { cohortIndex } from "./cohort-index.ts";
import { enterCollecting } from "./collecting.ts";
import { abandon } from "./ended.ts";
import { phaseRecord } from "./record.ts";
import { openWindow } from "./window.ts";

/** The cohort is fixed: U1 of SECAGG 2.8. */
export function enterSharing(keying: KeyingState, begin: { readonly session: SharingServer; readonly at: Instant }): Step {
  const { setup, startedAt, lastReadyAt, asked } = keying;
  const window = openWindow(setup.rules.protocol, begin.at);
  const state: SharingState = { phase: "sharing", setup, startedAt, asked, lastReadyAt, window, session: begin.session };
  return { state, effects: [phaseRecord(state)] };
}

/** A client's dealt shares. */
export function takeShares(state: SharingState, event: { readonly client: ClientId; readonly bundle: ShareBundle }): Taken {
  const received = receiveShares(state.session, cohortIndex(state.session, event.client), event.bundle);
  if (received.kind === "refused") return received;
  return ok({ state: { ...state, session: received.value.state }, repeated: received.value.repeated });
}

/** Fewest dealers the session goes on with; the round could not be committed on fewer than `count.min`. */
export function sharingMinimum(state: SharingState): number {
  return Math.max(state.setup.rules.count.min, minimumFor(state.session));
}

/** Fixes the dealers. */
export function closeSharing(state: SharingState, at: Instant): Step {
  const closed = closeShares(state.session);
  if (closed.kind === "refused") return abandon(state, { reason: closed.refusal.message, missing: [], at });
  return enterCollecting(dropUnanswered(state), { session: closed.value, at });
}
