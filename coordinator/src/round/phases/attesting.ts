import { type ClientId, type Instant, ok } from "@sotto/base";
import { type AttestingServer, closeSignatures, minimumFor, receiveSignature } from "@sotto/secagg";
import { answeredIn, dropUnanswered } from "../asked.ts";
import type { AttestingState, CollectingState } from "../state.ts";
import type { Step, Taken } from "../step-result.ts";
import { cohortIndex } from "./cohort-index.ts";
import { abandon } from "./ended.ts";
import { phaseRecord } from "./record.ts";
import { enterUnmasking } from "./unmasking.ts";
import { openWindow } from "./window.ts";

/** The survivors are fixed: U3 of SECAGG 2.8. */
export function enterAttesting(collecting: CollectingState, begin: { readonly session: AttestingServer; readonly at: Instant }): Step {
  const { setup, startedAt, lastReadyAt, asked, size } = collecting;
  const state: AttestingState = {
    phase: "attesting",
    setup,
    startedAt,
    asked,
    lastReadyAt,
    window: openWindow(setup.rules.protocol, begin.at),
    session: begin.session,
    size,
    survivors: answeredIn(collecting, "collecting"),
  };
  return { state, effects: [phaseRecord(state)] };
}

/** A survivor's signature over the set of survivors. */
export function takeAttestation(state: AttestingState, event: { readonly client: ClientId; readonly signature: Uint8Array }): Taken {
  const index = cohortIndex(state.session, event.client);
  const received = receiveSignature(state.session, { index, signature: event.signature });
  if (received.kind === "refused") return received;
  return ok({ state: { ...state, session: received.value.state }, repeated: received.value.repeated });
}

/** The quorum. */
export function attestingMinimum(state: AttestingState): number {
  return minimumFor(state.session);
}

/** Goes on to unmasking with the quorum's signatures. */
export function closeAttesting(state: AttestingState, at: Instant): Step {
  const closed = closeSignatures(state.session);
  if (closed.kind === "refused") return abandon(state, { reason: closed.refusal.message, missing: [], at });
  return enterUnmasking(dropUnanswered(state), { session: closed.value, at });
}
