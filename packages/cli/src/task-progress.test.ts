import { parseDigest } from "@sotto/base";
import type { TaskEvent, TaskStatus } from "@sotto/protocol";
import { describe, expect, test } from "vitest";
import { createTaskView, isOver } from "./task-progress.ts";
import type { Progress } from "./terminal/progress.ts";

function shown(...events: readonly TaskEvent[]): string[] {
  const lines: string[] = [];
  const progress: Progress = {
    now: (text) => lines.push(`… ${text}`),
    happened: (text) => lines.push(text),
    close: () => undefined,
  };
  events.forEach(createTaskView({ progress, rounds: 2 }));
  return lines;
}

const report = {
  asked: ["a", "b", "c", "d"],
  survivors: ["a", "b", "c"],
  dropped: [{ client: "d", phase: "collecting", reason: "deadline" }],
  metrics: { rows: 9, loss: 0.51234, accuracy: 0.75, auc: null },
  weight: 3,
  modelDigest: parseDigest("0".repeat(64)),
  durationMs: 1234,
  overheadMs: 1,
  bytesUpPerClient: 1,
};

describe("what is shown of a task", () => {
  test("a phase moves, everything else stays, and an abandoned round is not counted", () => {
    const lines = shown(
      { kind: "phase", round: 1, phase: "collecting", cohortSize: 4, arrived: 2 },
      { kind: "committed", round: 1, record: { ...report, purpose: "train" } },
      { kind: "abandoned", round: 2, reason: "too few clients", missing: ["c", "d"] },
      { kind: "phase", round: 3, phase: "keying", cohortSize: 4, arrived: 4 },
      { kind: "committed", round: 3, record: { ...report, purpose: "train", dropped: [] } },
      { kind: "committed", round: 4, record: { ...report, purpose: "evaluate", dropped: [], metrics: null } },
      { kind: "status", status: { kind: "failed", reason: "the disk is full" } },
    );
    expect(lines).toEqual([
      "… round 1 of 2: collecting, 2 of 4 clients in",
      "round 1 of 2: 3 of 4 clients, 1.2 s; before it loss 0.512, accuracy 0.750; dropped d in collecting",
      "round 2 of 2: abandoned, too few clients; not heard of c, d",
      "… round 2 of 2: keying, 4 of 4 clients in",
      "round 2 of 2: 3 of 4 clients, 1.2 s; before it loss 0.512, accuracy 0.750",
      "measuring the model: 3 of 4 clients, 1.2 s; no held-back rows",
      "task failed: the disk is full",
    ]);
  });

  test("a task is over when it finished, was stopped or failed", () => {
    const statuses: readonly TaskStatus[] = [
      { kind: "submitted" },
      { kind: "running" },
      { kind: "finished" },
      { kind: "stopped" },
      { kind: "failed", reason: "x" },
    ];
    expect(statuses.map(isOver)).toEqual([false, false, true, true, true]);
  });
});
