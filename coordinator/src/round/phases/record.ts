import type { RoundEffect } from "../effect.ts";
import type { RoundState } from "../state.ts";

/** What operators see of a phase: how many clients it counts on, and how many have answered. */
export function phaseRecord(state: RoundState): RoundEffect {
  const clients = [...state.asked.values()];
  const arrived = clients.filter((asked) => asked.answered === state.phase).length;
  const expected = clients.filter((asked) => asked.drop === null && asked.answered !== state.phase).length;
  return {
    kind: "record",
    event: { kind: "phase", round: state.setup.position.round, phase: state.phase, cohortSize: arrived + expected, arrived },
  };
}
