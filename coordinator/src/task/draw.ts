import { parseRoundNumber } from "@sotto/base";
import { drawSample } from "../cohort/sample.ts";
import type { TaskState } from "./state.ts";

/**
 * The task with the sample of its next round, where its plan has clients drawn. The draw hangs on the round's number and model, so that no two rounds
 * have the same: a round that is given up uses its number up.
 */
export function withNextDraw(state: TaskState): TaskState {
  const { spec, roster } = state.setup;
  const { samplingRate, delta } = spec.aggregation;
  if (samplingRate === null) return state;
  const draw = { modelDigest: state.modelDigest, round: parseRoundNumber(state.roundLast + 1), samplingRate };
  return { ...state, sample: drawSample({ draw, roster, delta }) };
}

/** Fewest clients the task's next round begins with. */
export function nextClientsMin({ setup, sample }: TaskState): number {
  return Math.max(setup.clientsMin, sample?.clientsMin ?? 0);
}

/** Why no round can be had of the task's next draw, whoever comes; null when one can. */
export function faultOfDraw(state: TaskState): string | null {
  if (state.sample === null) return null;
  const { size } = state.sample.clients;
  const { max } = state.setup.spec.cohort.count;
  const clientsMin = nextClientsMin(state);
  if (size < clientsMin) return `the sample of ${size} clients is below the fewest of a round, ${clientsMin}`;
  if (size > max) return `the sample of ${size} clients is above the most of a round, ${max}`;
  return null;
}
