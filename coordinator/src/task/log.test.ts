import { instant } from "@sotto/base";
import { expect, test } from "vitest";
import { append, emptyLog, pageMax, recordsAfter, recordsMax } from "./log.ts";

function logOf(count: number): typeof emptyLog {
  let log = emptyLog;
  for (let round = 1; round <= count; round++) {
    log = append(log, { kind: "abandoned", round, reason: "", missing: [] }, instant(round));
  }
  return log;
}

test("records are numbered from 1 and given in pages after the last seen", () => {
  const log = logOf(200);
  expect(recordsAfter(log, 0).map(({ record }) => record)).toEqual(Array.from({ length: pageMax }, (_, i) => i + 1));
  expect(recordsAfter(log, 198)).toEqual([
    { record: 199, atMs: 199, event: { kind: "abandoned", round: 199, reason: "", missing: [] } },
    { record: 200, atMs: 200, event: { kind: "abandoned", round: 200, reason: "", missing: [] } },
  ]);
  expect(recordsAfter(log, 200)).toEqual([]);
  expect(recordsAfter(log, 10_000)).toEqual([]);
});

test("only the latest are kept, under their numbers", () => {
  const log = logOf(recordsMax + 10);
  expect(log.records).toHaveLength(recordsMax);
  expect(recordsAfter(log, 0)[0]?.record).toBe(11);
  expect(recordsAfter(log, recordsMax + 9).map(({ record }) => record)).toEqual([recordsMax + 10]);
});

test("a count of a phase takes the place of the one before it, and of no other record", () => {
  const phase = (name: string, arrived: number) => ({ kind: "phase", round: 1, phase: name, cohortSize: 3, arrived }) as const;
  const events = [phase("selecting", 0), phase("selecting", 1), phase("keying", 0), phase("selecting", 2)];
  const log = events.reduce((grown, event) => append(grown, event, instant(0)), emptyLog);
  expect(log.records.map(({ record, event }) => [record, event])).toEqual([
    [2, events[1]],
    [3, events[2]],
    [4, events[3]],
  ]);
  expect(recordsAfter(log, 1).map(({ record }) => record)).toEqual([2, 3, 4]);
});
