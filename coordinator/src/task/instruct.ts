import type { ClientId, TaskId } from "@sotto/base";
import { type Cursor, type Instruction, isSamePosition } from "@sotto/protocol";
import { takesPart } from "../round/asked.ts";
import { instructionFor, standDownMs } from "../round/instruction.ts";
import type { RoundState } from "../round/state.ts";
import type { TaskState } from "./state.ts";
import { liveRound } from "./step.ts";

/** The running round that a client takes part in; null when it is free. There is at most one. */
export function roundOf(tasks: ReadonlyMap<TaskId, TaskState>, client: ClientId): RoundState | null {
  for (const task of tasks.values()) {
    const round = liveRound(task);
    if (round !== null && takesPart(round, client)) return round;
  }
  return null;
}

/**
 * What a client is to do, over all tasks. A free client whose cursor still names a round is stood down from it once; one without a cursor
 * that fell out of a running round was started anew, and is told so.
 */
export function instruct(tasks: ReadonlyMap<TaskId, TaskState>, client: ClientId, cursor: Cursor | null): Instruction {
  const round = roundOf(tasks, client);
  if (round !== null) return instructionFor(round, client, cursor);
  if (cursor === null) return instructNewcomer(tasks, client);
  if (cursor.kind === "stand-down") return { kind: "unchanged" };
  const last = tasks.get(cursor.task)?.round;
  if (last != null && isSamePosition(cursor, last.setup.position)) return instructionFor(last, client, cursor);
  const { task, round: number, session } = cursor;
  const position = { task, round: number, session };
  return { kind: "stand-down", position, reason: `round ${number} is over`, retryAfterMs: standDownMs };
}

function instructNewcomer(tasks: ReadonlyMap<TaskId, TaskState>, client: ClientId): Instruction {
  for (const task of tasks.values()) {
    const round = liveRound(task);
    if (round?.asked.has(client)) return instructionFor(round, client, null);
  }
  return { kind: "unchanged" };
}
