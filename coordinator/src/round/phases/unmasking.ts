import { type ClientId, type Instant, ok } from "@sotto/base";
import { canUnmask, minimumFor, type Reveal, receiveReveal, type UnmaskingServer } from "@sotto/secagg";
import type { AttestingState, UnmaskingState } from "../state.ts";
import type { Step, Taken } from "../step-result.ts";
import { cohortIndex } from "./cohort-index.ts";
import { phaseRecord } from "./record.ts";
import { openWindow } from "./window.ts";

/** A quorum agrees on the survivors: its members may reveal shares. */
export function enterUnmasking(attesting: AttestingState, begin: { readonly session: UnmaskingServer; readonly at: Instant }): Step {
  const { setup, startedAt, lastReadyAt, asked, size, survivors } = attesting;
  const window = openWindow(setup.rules.protocol, begin.at);
  const state: UnmaskingState = {
    phase: "unmasking",
    setup,
    startedAt,
    asked,
    lastReadyAt,
    window,
    session: begin.session,
    size,
    survivors,
  };
  return { state, effects: [phaseRecord(state)] };
}

/** One client's shares of the secrets that open the sum. */
export function takeReveal(state: UnmaskingState, event: { readonly client: ClientId; readonly reveal: Reveal }): Taken {
  const received = receiveReveal(state.session, cohortIndex(state.session, event.client), event.reveal);
  if (received.kind === "refused") return received;
  return ok({ state: { ...state, session: received.value.state }, repeated: received.value.repeated });
}

/** Fewest clients whose shares can open the sum: the threshold. Whether they do, `canUnmask` says. */
export function unmaskingMinimum(state: UnmaskingState): number {
  return minimumFor(state.session);
}

/** Whether the shares at hand open the sum. */
export function unmaskingIsEnough(state: UnmaskingState): boolean {
  return canUnmask(state.session);
}
