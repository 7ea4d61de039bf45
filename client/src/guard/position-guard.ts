import { type Outcome, ok, type Refusal, type RoundNumber, refused, type SessionNumber, type TaskId } from "@sotto/base";
import type { Position } from "@sotto/protocol";

/** Tasks a client keeps marks of: forgetting one would let its rounds be played again, so more are refused. */
const tasksMax = 1024;

/** A round and session of one task, compared round first. */
interface Place {
  readonly round: RoundNumber;
  readonly session: SessionNumber;
}

/** The high-water mark of one task: what a client saw only goes up (SECAGG 2.8, S0). */
export interface Mark {
  /** The highest position it was asked to train for. */
  readonly offered: Place;
  /** The highest session it entered with keys of its own; null before the first. */
  readonly entered: Place | null;
  /** The highest round whose update it masked; 0 before the first. */
  readonly spentRound: number;
}

/** Marks by task. Held in memory: a restarted client knows no session and withdraws from it. */
export type Marks = ReadonlyMap<TaskId, Mark>;

/** Whether `a` is before `b`: of one task, the round decides, then the session. */
export function isBefore(a: Place, b: Place): boolean {
  return a.round !== b.round ? a.round < b.round : a.session < b.session;
}

/**
 * The marks after an offer to train at `position`, which must not be below the last one, must be above the last session
 * entered, and must not be of a round whose update was masked. Refused with `replay`.
 */
export function markOffered(marks: Marks, position: Position): Outcome<Marks, Refusal<"replay" | "policy">> {
  const mark = marks.get(position.task);
  if (mark === undefined) {
    if (marks.size >= tasksMax) return refused("policy", `the client has marks of ${marks.size} tasks and keeps at most ${tasksMax}`);
    return ok(withMark(marks, position.task, { offered: placeOf(position), entered: null, spentRound: 0 }));
  }
  if (isBefore(position, mark.offered)) return replayed(position, "offered", mark.offered);
  if (mark.entered !== null && !isBefore(mark.entered, position)) return replayed(position, "entered", mark.entered);
  if (position.round <= mark.spentRound) return refused("replay", `round ${position.round}: its update was masked already`);
  return ok(withMark(marks, position.task, { ...mark, offered: placeOf(position) }));
}

/** The marks after entering the session at `position`, which must be above the last one entered. Refused with `replay`. */
export function markEntered(marks: Marks, position: Position): Outcome<Marks, Refusal<"replay">> {
  const mark = marks.get(position.task);
  if (mark === undefined || isBefore(position, mark.offered)) return refused("replay", `${placeText(position)} was never offered`);
  if (mark.entered !== null && !isBefore(mark.entered, position)) return replayed(position, "entered", mark.entered);
  return ok(withMark(marks, position.task, { ...mark, entered: placeOf(position) }));
}

/** The marks after the update of the position's round is handed to masking. */
export function markSpent(marks: Marks, position: Position): Marks {
  const mark = marks.get(position.task);
  if (mark === undefined) return marks;
  return withMark(marks, position.task, { ...mark, spentRound: Math.max(mark.spentRound, position.round) });
}

/** Whether the update of the position's round was masked. */
export function isSpent(marks: Marks, position: Position): boolean {
  return (marks.get(position.task)?.spentRound ?? 0) >= position.round;
}

function withMark(marks: Marks, task: TaskId, mark: Mark): Marks {
  return new Map(marks).set(task, mark);
}

function placeOf({ round, session }: Position): Place {
  return { round, session };
}

function replayed(position: Position, verb: "offered" | "entered", last: Place): { kind: "refused"; refusal: Refusal<"replay"> } {
  return refused("replay", `${placeText(position)} must be above ${placeText(last)}, the last ${verb}`);
}

function placeText({ round, session }: Place): string {
  return `round ${round} session ${session}`;
}
