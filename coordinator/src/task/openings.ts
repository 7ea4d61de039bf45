import type { Instant } from "@sotto/base";
import type { Opening } from "../cohort/assign.ts";
import { roomIn } from "../round/phases/selecting.ts";
import type { TaskState } from "./state.ts";
import { liveRound, wantsRound } from "./step.ts";

/** The tasks that have use for idle clients, in the order given. */
export function openingsOf(tasks: Iterable<TaskState>, at: Instant): readonly Opening[] {
  return [...tasks].flatMap((state) => openingOf(state, at) ?? []);
}

function openingOf(state: TaskState, at: Instant): Opening | null {
  const { task, spec, clientsMin } = state.setup;
  if (wantsRound(state, at)) return { kind: "waiting", task, clientsMin, clientsMax: spec.cohort.count.max };
  const round = liveRound(state);
  if (round?.phase !== "selecting") return null;
  const room = roomIn(round);
  return room === 0 ? null : { kind: "joining", task, room, asked: round.asked };
}
