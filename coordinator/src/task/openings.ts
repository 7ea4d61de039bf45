import type { Instant } from "@sotto/base";
import type { Opening } from "../cohort/assign.ts";
import { roomIn } from "../round/phases/selecting.ts";
import { faultOfDraw, nextClientsMin } from "./draw.ts";
import type { TaskState } from "./state.ts";
import { liveRound, wantsRound } from "./step.ts";

/** The tasks that have use for idle clients, in the order given. */
export function openingsOf(tasks: Iterable<TaskState>, at: Instant): readonly Opening[] {
  return [...tasks].flatMap((state) => openingOf(state, at) ?? []);
}

function openingOf(state: TaskState, at: Instant): Opening | null {
  const { task, spec } = state.setup;
  const { sample } = state;
  if (wantsRound(state, at)) {
    if (faultOfDraw(state) !== null) return null;
    return { kind: "waiting", task, clientsMin: nextClientsMin(state), clientsMax: spec.cohort.count.max, sample };
  }
  const round = liveRound(state);
  if (round?.phase !== "selecting") return null;
  const room = roomIn(round);
  return room === 0 ? null : { kind: "joining", task, room, asked: round.asked, sample: round.setup.sample };
}
