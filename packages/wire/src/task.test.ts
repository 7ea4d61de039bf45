import { parseDigest, parseTaskId } from "@sotto/base";
import type { TaskRecord, TaskSummary } from "@sotto/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import { limits } from "./limits.ts";
import { watchCodec } from "./task.ts";
import { taskRecord } from "./testing/arbitraries.ts";

const summary: TaskSummary = { task: parseTaskId("hearts"), name: "hearts", status: { kind: "running" }, roundsCommitted: 3, rounds: 9 };

test("records that do not fit one message come in pages, in order and all of them", () => {
  const sample = fc.sample(taskRecord, { numRuns: 50, seed: 7 });
  const records = Array.from({ length: 5000 }, (_, i): TaskRecord => ({ ...sample[i % sample.length]!, record: i + 1 }));
  const seen: TaskRecord[] = [];
  let pages = 0;
  for (; seen.length < records.length; pages++) {
    const bytes = watchCodec.encode({ summary, records: records.slice(seen.length) });
    expect(bytes.length).toBeLessThanOrEqual(limits.messageSizeBytesMax);
    const outcome = watchCodec.decode(bytes);
    if (outcome.kind === "ok") seen.push(...outcome.value.records);
    expect(outcome.kind).toBe("ok");
  }
  expect(seen).toEqual(records);
  expect(pages).toBeGreaterThan(1);
});

test("the account of a round of the largest cohort fits one message", () => {
  const names = Array.from({ length: limits.cohortSizeMax }, (_, i) => `${i}`.padStart(limits.idSizeBytesMax, "c"));
  const reason = "r".repeat(2 * limits.reasonSizeBytesMax);
  const record: TaskRecord = {
    record: 1,
    atMs: 1,
    event: {
      kind: "committed",
      round: 1,
      record: {
        purpose: "train",
        asked: names,
        survivors: [],
        dropped: names.map((client) => ({ client, phase: "collecting", reason })),
        metrics: null,
        weight: 1,
        modelDigest: parseDigest("ab".repeat(32)),
        durationMs: 1,
        overheadMs: 1,
        bytesUpPerClient: 1,
      },
    },
  };
  expect(watchCodec.encode({ summary, records: [record] }).length).toBeLessThanOrEqual(limits.messageSizeBytesMax);
});
