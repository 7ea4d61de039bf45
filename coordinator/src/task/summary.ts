import type { TaskSummary } from "@sotto/protocol";
import type { TaskState } from "./state.ts";

/** One line about a task. */
export function summaryOf(state: TaskState): TaskSummary {
  const { setup, status, roundsCommitted } = state;
  return { task: setup.task, name: setup.spec.name, status, roundsCommitted, rounds: setup.spec.rounds };
}
