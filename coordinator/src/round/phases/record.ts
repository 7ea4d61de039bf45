import { tally } from "../asked.ts";
import type { RoundEffect } from "../effect.ts";
import type { RoundState } from "../state.ts";

/** What operators see of a phase: how many clients it counts on, and how many have answered. */
export function phaseRecord(state: RoundState): RoundEffect {
  const { answered: arrived, missing } = tally(state);
  return {
    kind: "record",
    event: { kind: "phase", round: state.setup.position.round, phase: state.phase, cohortSize: arrived + missing, arrived },
  };
}
