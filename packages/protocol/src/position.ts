import type { RoundNumber, SessionNumber, TaskId } from "@sotto/base";

/** Where in a task something happens. */
export interface Position {
  readonly task: TaskId;
  readonly round: RoundNumber;
  readonly session: SessionNumber;
}

/** The last instruction a client took up, so that `next` answers only what is new to it. */
export interface Cursor extends Position {
  readonly kind: InstructionKind;
}

/** What a coordinator can ask of a client, in the order of a round. */
export type InstructionKind = "train" | "advertise" | "share-keys" | "mask" | "attest" | "reveal" | "stand-down";

/** Whether two positions name the same session of the same round. */
export function isSamePosition(a: Position, b: Position): boolean {
  return a.task === b.task && a.round === b.round && a.session === b.session;
}
