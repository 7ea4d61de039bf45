import { type Digest, type Outcome, ok, type Refusal, type RoundNumber, refused, type SessionNumber, type TaskId } from "@sotto/base";
import type { Position } from "@sotto/protocol";

/** Tasks a client keeps marks of, for good: forgetting one would let its rounds be played again, so more are refused. */
export const markedTasksMax = 4096;

/** A round and session of one task, compared round first. */
export interface Place {
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
  /** The highest session whose survivors it signed, and which: D3 of SECAGG 2.8. Null before the first. */
  readonly attested: Attested | null;
}

/** The one survivor set that a client signed in a session. */
export interface Attested extends Place {
  readonly survivorsDigest: Digest;
}

/** Marks by task. Durable before what depends on them leaves the client: see `Remembered`. */
export type Marks = ReadonlyMap<TaskId, Mark>;

/** Whether `a` is before `b`: of one task, the round decides, then the session. */
export function isBefore(a: Place, b: Place): boolean {
  return a.round !== b.round ? a.round < b.round : a.session < b.session;
}

/**
 * The marks after an offer to train at `position`, which must not be below the last one, must be above the last session
 * entered: else refused with `replay`. Refused with `spent` when the update of its round was masked.
 */
export function markOffered(marks: Marks, position: Position): Outcome<Marks, Refusal<"replay" | "spent" | "policy">> {
  const mark = marks.get(position.task);
  if (mark === undefined) {
    if (marks.size >= markedTasksMax) {
      return refused("policy", `the client has marks of ${marks.size} tasks and keeps at most ${markedTasksMax}`);
    }
    return ok(withMark(marks, position.task, { offered: placeOf(position), entered: null, spentRound: 0, attested: null }));
  }
  if (isBefore(position, mark.offered)) return replayed(position, "offered", mark.offered);
  if (mark.entered !== null && isEntered(marks, position)) return replayed(position, "entered", mark.entered);
  if (isSpent(marks, position)) return spent(position);
  return ok(withMark(marks, position.task, { ...mark, offered: placeOf(position) }));
}

/** The marks after entering the session at `position`, which must be above the last one entered. Refused with `replay`. */
export function markEntered(marks: Marks, position: Position): Outcome<Marks, Refusal<"replay">> {
  const mark = marks.get(position.task);
  if (mark === undefined || isBefore(position, mark.offered)) return refused("replay", `${placeText(position)} was never offered`);
  if (mark.entered !== null && isEntered(marks, position)) return replayed(position, "entered", mark.entered);
  return ok(withMark(marks, position.task, { ...mark, entered: placeOf(position) }));
}

/** The marks after the update of the position's round is handed to masking. */
export function markSpent(marks: Marks, position: Position): Marks {
  const mark = marks.get(position.task);
  if (mark === undefined) return marks;
  return withMark(marks, position.task, { ...mark, spentRound: Math.max(mark.spentRound, position.round) });
}

/** Whether an offer at the position, or a later one, was taken up. */
export function isOffered(marks: Marks, position: Position): boolean {
  const mark = marks.get(position.task);
  return mark !== undefined && !isBefore(mark.offered, position);
}

/** Whether the session at the position, or a later one, was entered. */
export function isEntered(marks: Marks, position: Position): boolean {
  const entered = marks.get(position.task)?.entered ?? null;
  return entered !== null && !isBefore(entered, position);
}

/** Whether the update of the position's round was masked. */
export function isSpent(marks: Marks, position: Position): boolean {
  return (marks.get(position.task)?.spentRound ?? 0) >= position.round;
}

/** Whether nothing that `mark` forbids is allowed by `later`. */
export function isAtLeast(later: Mark | undefined, mark: Mark): boolean {
  if (later === undefined || isBefore(later.offered, mark.offered) || later.spentRound < mark.spentRound) return false;
  return isPlaceAtLeast(later.entered, mark.entered) && isPlaceAtLeast(later.attested, mark.attested);
}

function isPlaceAtLeast(later: Place | null, place: Place | null): boolean {
  return place === null || (later !== null && !isBefore(later, place));
}

/** Why a session of this position is refused whose update was masked already. */
export function spent({ round }: Position): { kind: "refused"; refusal: Refusal<"spent"> } {
  return refused("spent", `the update of round ${round} was masked already`);
}

/**
 * The marks after signing one survivor set of the session at `position`. Refused with `already-signed` when it signed one of this
 * session, or of a later one: two sets that are both signed by a quorum would open two sums (SECAGG 2.13).
 */
export function markAttested(marks: Marks, position: Position, survivorsDigest: Digest): Outcome<Marks, Refusal<"already-signed">> {
  const mark = marks.get(position.task);
  if (mark === undefined) return ok(marks);
  if (mark.attested !== null && !isBefore(mark.attested, position)) return alreadySigned(position, mark.attested);
  return ok(withMark(marks, position.task, { ...mark, attested: { ...placeOf(position), survivorsDigest } }));
}

/** The survivor set that was signed in the session at `position`; null when none was. */
export function attestedAt(marks: Marks, position: Position): Attested | null {
  const attested = marks.get(position.task)?.attested ?? null;
  if (attested === null || isBefore(attested, position) || isBefore(position, attested)) return null;
  return attested;
}

/** Why a second survivor set of a session is refused. */
export function alreadySigned(position: Position, last: Attested): { kind: "refused"; refusal: Refusal<"already-signed"> } {
  return refused("already-signed", `${placeText(position)}: survivors ${last.survivorsDigest} of ${placeText(last)} are signed already`);
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
