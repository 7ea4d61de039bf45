import { parseDigest } from "@sotto/base";
import type { RoundReport, TaskRecord } from "@sotto/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { median, outcomeOf } from "./outcome.ts";
import { type DemoReport, reportJson, reportText } from "./report.ts";

function committed(record: number, report: Partial<RoundReport>): TaskRecord {
  const whole: RoundReport = {
    purpose: "train",
    asked: ["a", "b", "c", "d"],
    survivors: ["a", "b", "c", "d"],
    dropped: [],
    metrics: { rows: 100, loss: 0.5, accuracy: 0.75, auc: 0.8 },
    weight: 300,
    modelDigest: parseDigest("0".repeat(64)),
    durationMs: 900,
    overheadMs: 100,
    bytesUpPerClient: 2048,
    ...report,
  };
  return { record, atMs: 0, event: { kind: "committed", round: record, record: whole } };
}

const records: readonly TaskRecord[] = [
  { record: 1, atMs: 0, event: { kind: "phase", round: 1, phase: "selecting", cohortSize: 4, arrived: 0 } },
  { record: 2, atMs: 0, event: { kind: "abandoned", round: 1, reason: "too few", missing: ["d"] } },
  committed(3, { durationMs: 1000, overheadMs: 300, dropped: [{ client: "d", phase: "collecting", reason: "deadline" }] }),
  committed(4, { durationMs: 3000, overheadMs: 100 }),
  committed(5, { durationMs: 2000, overheadMs: 200 }),
  committed(6, { purpose: "evaluate", durationMs: 9, overheadMs: 9, metrics: { rows: 120, loss: 0.4, accuracy: 0.8, auc: 0.9 } }),
];

describe("the outcome of a task", () => {
  test("the middle of values is the middle", () => {
    expect(median([])).toBe(0);
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true, min: -1e9, max: 1e9 }), { minLength: 1 }), (values) => {
        const middle = median(values);
        expect(values.filter((value) => value < middle).length).toBeLessThanOrEqual(values.length / 2);
        expect(values.filter((value) => value > middle).length).toBeLessThanOrEqual(values.length / 2);
      }),
    );
  });

  test("quality is the evaluating round's, times are the training rounds'", () => {
    expect(outcomeOf(records)).toEqual({
      rounds: 3,
      abandoned: 1,
      dropped: 1,
      metrics: { rows: 120, loss: 0.4, accuracy: 0.8, auc: 0.9 },
      bytesUpPerClient: 2048,
      roundMsMedian: 2000,
      overheadMsMedian: 200,
    });
  });

  test("a task that never measured its model has no outcome", () => {
    expect(() => outcomeOf(records.slice(0, 5))).toThrow(/none of 3/);
  });
});

const report: DemoReport = {
  title: "Synthetic hospitals",
  clients: ["a", "b", "c", "d"],
  outcome: outcomeOf(records),
  baseline: { pooled: { accuracy: 0.82, auc: 0.91 }, localMean: { accuracy: 0.7, auc: null } },
  backend: "wasm",
  modelPath: "/tmp/demo/model",
};

describe("the report", () => {
  test("the object for programs holds the fields scripts read", () => {
    expect(reportJson(report)).toEqual({
      rounds: 3,
      clients: 4,
      dropped: 1,
      abandoned: 1,
      accuracy: 0.8,
      auc: 0.9,
      loss: 0.4,
      heldBackRows: 120,
      baseline: { pooled: { accuracy: 0.82, auc: 0.91 }, localMean: { accuracy: 0.7, auc: null } },
      bytesUpPerClient: 2048,
      roundMsMedian: 2000,
      overheadMsMedian: 200,
      backend: "wasm",
      modelPath: "/tmp/demo/model",
      differentialPrivacy: "none",
    });
  });

  test("the text says what was and was not protected", () => {
    const text = reportText(report).join("\n");
    expect(text).toContain("No differential privacy was applied");
    expect(text).toMatch(/federated +0\.800 +0\.900/);
    expect(text).toMatch(/each alone, mean +0\.700 +-/);
    expect(text).toContain("2.0 KiB per client and round");
    expect(text).toContain("2000 ms, 200 ms of it secure aggregation");
  });
});
