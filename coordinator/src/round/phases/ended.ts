import type { ClientId, Instant } from "@sotto/base";
import type { OwnEvent } from "../event.ts";
import type { EndedState, ReleasingState, RoundState } from "../state.ts";
import type { Step } from "../step-result.ts";

/** Ends the round without a model. What it had summed is forgotten. */
export function abandon(
  state: Exclude<RoundState, EndedState>,
  why: { readonly reason: string; readonly missing: readonly ClientId[]; readonly at: Instant },
): Step {
  const { setup, startedAt, asked } = state;
  const result = { kind: "abandoned", reason: why.reason, missing: why.missing } as const;
  return {
    state: { phase: "ended", setup, startedAt, asked, endedAt: why.at, result },
    effects: [{ kind: "forget", committed: false }],
  };
}

/** Ends the round with the model that is durable by now. */
export function commit(state: ReleasingState, event: Extract<OwnEvent, { kind: "released" }> & { readonly at: Instant }): Step {
  const { setup, startedAt, asked, survivors, lastReadyAt } = state;
  const { modelDigest, metrics, weight } = event;
  const result = { kind: "committed", lastReadyAt, survivors, modelDigest, metrics, weight } as const;
  return {
    state: { phase: "ended", setup, startedAt, asked, endedAt: event.at, result },
    effects: [{ kind: "forget", committed: true }],
  };
}
