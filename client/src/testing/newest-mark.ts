import { parseTaskId } from "@sotto/base";
import type { Remembered } from "../round/state.ts";

/** What a client saves in a round that goes well, in order: each file of marks is named by what is new in it. */
export const marksOfRound = ["offered", "roster", "entered", "spent", "signed", "left"] as const;

/** The name of one of a round's files of marks. */
export type NewestMark = (typeof marksOfRound)[number];

const task = parseTaskId("heart");

/** What is new in a file of marks of round 1 of a test plan. */
export function newestIn({ marks, seenRoster, isInRound }: Remembered): NewestMark {
  const mark = marks.get(task);
  if (mark === undefined || seenRoster === null) return "offered";
  if (!isInRound) return "left";
  if (mark.attested !== null) return "signed";
  if (mark.spentRound > 0) return "spent";
  return mark.entered === null ? "roster" : "entered";
}
