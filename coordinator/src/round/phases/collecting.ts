import { type Instant, ok, refused } from "@sotto/base";
import { type CollectingServer, checkLaneWidth, closeContributions, cohortOf, minimumFor, receiveHeader } from "@sotto/secagg";
import { laneBits, packedSize } from "@sotto/vector";
import { dropUnanswered } from "../asked.ts";
import type { ContributionArrived } from "../event.ts";
import type { CollectingState, ContributionSize, RoundSetup, SharingState } from "../state.ts";
import type { Step, Taken } from "../step-result.ts";
import { enterAttesting } from "./attesting.ts";
import { cohortIndex } from "./cohort-index.ts";
import { abandon } from "./ended.ts";
import { phaseRecord } from "./record.ts";
import { openWindow } from "./window.ts";

/** The dealers are fixed: U2 of SECAGG 2.8. From now on what they mask adds up. */
export function enterCollecting(sharing: SharingState, begin: { readonly session: CollectingServer; readonly at: Instant }): Step {
  const { setup, startedAt, lastReadyAt, asked } = sharing;
  const window = openWindow(setup.rules.protocol, begin.at);
  const size = contributionSize(setup, cohortOf(begin.session).length);
  const state: CollectingState = { phase: "collecting", setup, startedAt, asked, lastReadyAt, window, session: begin.session, size };
  return { state, effects: [phaseRecord(state)] };
}

/** Lane width and bytes of a packed contribution in a cohort of this many clients. */
export function contributionSize(setup: RoundSetup, cohortSize: number): ContributionSize {
  const { laneCount, quantisationBits } = setup.contribution;
  const bits = laneBits({ cohortSize, quantisationBits });
  return { bits, sizeBytes: packedSize({ laneCount, bits }) };
}

/** A masked contribution whose bytes wait in the shell: only its header, digest and length are looked at. */
export function takeContribution(state: CollectingState, event: ContributionArrived): Taken {
  const { client, header, digest, sizeBytes } = event;
  const width = checkLaneWidth(sizeBytes, { laneCount: state.setup.contribution.laneCount, bits: state.size.bits });
  if (width.kind === "refused") return width;
  if (digest !== header.contributionDigest) {
    return refused("digest-mismatch", `the uploaded bytes hash to ${digest} and the header names ${header.contributionDigest}`);
  }
  const received = receiveHeader(state.session, cohortIndex(state.session, client), header);
  if (received.kind === "refused") return received;
  return ok({ state: { ...state, session: received.value.state }, repeated: received.value.repeated });
}

/** Fewest survivors. */
export function collectingMinimum(state: CollectingState): number {
  return Math.max(state.setup.rules.count.min, minimumFor(state.session));
}

/** Fixes the survivors: nothing is added after this. */
export function closeCollecting(state: CollectingState, at: Instant): Step {
  const closed = closeContributions(state.session);
  if (closed.kind === "refused") return abandon(state, { reason: closed.refusal.message, missing: [], at });
  return enterAttesting(dropUnanswered(state), { session: closed.value, at });
}
