import type { ReleasingState, UnmaskingState } from "../state.ts";
import type { Step } from "../step-result.ts";

/** Enough shares are here: the shell opens the sum, and nobody is waited for any more. */
export function enterReleasing(unmasking: UnmaskingState): Step {
  const { setup, startedAt, asked, lastReadyAt, survivors, session, size } = unmasking;
  const count = survivors.length;
  const { round } = setup.position;
  return {
    state: { phase: "releasing", setup, startedAt, asked, lastReadyAt, survivors } satisfies ReleasingState,
    effects: [
      { kind: "record", event: { kind: "phase", round, phase: "releasing", cohortSize: count, arrived: count } },
      { kind: "release", session, size, survivors: count },
    ],
  };
}
