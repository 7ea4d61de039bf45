import { type Clock, FlError, instant, parseTaskId } from "@sotto/base";
import type { AdminFace, TaskRecord, TaskStatus, TaskSummary } from "@sotto/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { watchToEnd } from "./watch-task.ts";

const task = parseTaskId("demo");

/** A clock whose sleeps are over at once, and which notes how long they would have been. */
function instantClock(): Clock & { readonly sleptMs: number[] } {
  const sleptMs: number[] = [];
  return {
    sleptMs,
    now: () => instant(0),
    sleepUntil: (deadline) => {
      sleptMs.push(deadline);
      return Promise.resolve();
    },
  };
}

function recordsOf(phases: number): TaskRecord[] {
  const events: TaskRecord["event"][] = Array.from({ length: phases }, () => ({
    kind: "phase",
    round: 1,
    phase: "keying",
    cohortSize: 4,
    arrived: 1,
  }));
  events.push({ kind: "status", status: { kind: "finished" } });
  return events.map((event, i) => ({ record: i + 1, atMs: i, event }));
}

/** A finished task of which a page holds `pageSize` records; every `failures` calls fail before one succeeds. */
function coordinator(
  records: readonly TaskRecord[],
  { pageSize, failures }: { pageSize: number; failures: number },
): Pick<AdminFace, "watchTask"> {
  const status: TaskStatus = { kind: "finished" };
  const summary: TaskSummary = { task, name: "demo", status, roundsCommitted: 1, rounds: 1 };
  let calls = 0;
  return {
    watchTask: (_task, afterRecord) => {
      if (calls++ % (failures + 1) > 0) return Promise.reject(new FlError("unavailable", "no connection"));
      return Promise.resolve({ summary, records: records.slice(afterRecord, afterRecord + pageSize) });
    },
  };
}

const untilAborted = new AbortController().signal;

describe("watching a task", () => {
  test("every record comes once and in order, whatever the pages and however often the coordinator is away", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: 30 }), fc.integer({ min: 1, max: 7 }), fc.nat({ max: 59 }), async (phases, pageSize, failures) => {
        const records = recordsOf(phases);
        const seen: TaskRecord[] = [];
        const watch = await watchToEnd({
          admin: coordinator(records, { pageSize, failures }),
          task,
          clock: instantClock(),
          signal: untilAborted,
          onRecord: (record) => seen.push(record),
          onAway: () => undefined,
        });
        expect(seen).toEqual(records);
        expect(watch.records).toEqual(records);
      }),
    );
  });

  test("a coordinator that goes away for good is an error after about two minutes, one that never answered at once", async () => {
    const clock = instantClock();
    const [first] = recordsOf(1);
    const answers = [
      { summary: { task, name: "demo", status: { kind: "running" }, roundsCommitted: 0, rounds: 1 } as const, records: [first!] },
    ];
    const watching = {
      admin: {
        watchTask: () => {
          const answer = answers.pop();
          return answer === undefined ? Promise.reject(new FlError("unavailable", "no connection")) : Promise.resolve(answer);
        },
      },
      task,
      clock,
      signal: untilAborted,
      onRecord: () => undefined,
      onAway: () => undefined,
    };
    await expect(watchToEnd(watching)).rejects.toMatchObject({ code: "unavailable" });
    expect(clock.sleptMs.reduce((sum, ms) => sum + ms, 0)).toBe(120_000);
    await expect(watchToEnd(watching)).rejects.toMatchObject({ code: "unavailable" });
    expect(clock.sleptMs).toHaveLength(60);
  });

  test("another failure is not tried again, and a stop says that the task goes on", async () => {
    let calls = 0;
    const admin = {
      watchTask: () => {
        calls++;
        return Promise.reject(new FlError("not-found", "no task is called demo"));
      },
    };
    const watching = { admin, task, clock: instantClock(), onRecord: () => undefined, onAway: () => undefined };
    await expect(watchToEnd({ ...watching, signal: untilAborted })).rejects.toMatchObject({ code: "not-found" });
    await expect(watchToEnd({ ...watching, signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "cancelled" });
    expect(calls).toBe(1);
  });
});
