import type { Answer, Position } from "@sotto/protocol";
import type { TaskState } from "./state.ts";
import { liveRound } from "./step.ts";

/** The answer to a message that names no round running now; null when it names the running one. */
export function answerToPosition(task: TaskState | undefined, position: Position): Answer | null {
  if (task === undefined) return { kind: "refused", code: "unknown-task", message: `task ${position.task} is not known` };
  const round = task.roundLast;
  if (position.round > round || position.session !== 0) {
    return { kind: "refused", code: "unknown-position", message: `round ${position.round} session ${position.session} has not begun` };
  }
  return position.round < round || liveRound(task) === null ? { kind: "stale", round } : null;
}
