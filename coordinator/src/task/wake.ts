import type { Instant } from "@sotto/base";
import { nextLossAt, type Presence } from "../cohort/presence.ts";
import { nextTickAt } from "../round/close.ts";
import type { TaskState } from "./state.ts";
import { givesUpAt, isOver, liveRound } from "./step.ts";

/** When something happens though nobody calls: a phase closes, a pause ends, a task gives up, a client is lost; null when nothing does. */
export function nextWakeAt(tasks: Iterable<TaskState>, presence: Presence, at: Instant): Instant | null {
  const wakes = [...tasks].map((state) => wakeOf(state, at));
  return [...wakes, nextLossAt(presence)].reduce((first, wake) => (first === null || (wake !== null && wake < first) ? wake : first), null);
}

/** Whether clients may have something new to do: another phase, another client asked, or no task left. */
export function hasMoved(before: TaskState, after: TaskState): boolean {
  const [was, is] = [before.round, after.round];
  if (before.status.kind !== after.status.kind) return true;
  return was !== is && (was?.phase !== is?.phase || was?.setup !== is?.setup || was?.asked.size !== is?.asked.size);
}

function wakeOf(state: TaskState, at: Instant): Instant | null {
  const round = liveRound(state);
  if (round !== null) return nextTickAt(round, at);
  if (isOver(state)) return null;
  return state.resumesAt > at ? state.resumesAt : givesUpAt(state);
}
