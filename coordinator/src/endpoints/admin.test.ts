import { FlError, parseOperatorId, parseTaskId } from "@sotto/base";
import { encodeTaskSpec, type TaskSpec } from "@sotto/protocol";
import { chunksOf } from "@sotto/transport";
import { describe, expect, test } from "vitest";
import { tinyCoordinator, untilEvent } from "../testing/tiny-coordinator.ts";
import { tinyDigest, tinySpec } from "../testing/tiny-task.ts";
import { pollMs } from "./next.ts";

const unaborted = new AbortController().signal;
const zeros = (sizeBytes = 12): AsyncIterable<Uint8Array> => chunksOf(new Uint8Array(sizeBytes));

async function codeOf(promise: Promise<unknown>): Promise<string> {
  const failure = await promise.then(
    () => null,
    (error: unknown) => error,
  );
  return failure instanceof FlError ? failure.code : "none";
}

describe("a task is refused at once when", () => {
  const { cohort, aggregation, contribution } = tinySpec();
  const sizes = (min: number, max: number): Pick<TaskSpec, "cohort"> => ({ cohort: { ...cohort, count: { min, goal: max, max } } });
  const infeasible: readonly [string, Partial<TaskSpec>, string][] = [
    ["no quorum survives its dropouts", { aggregation: { ...aggregation, gamma: 0.3, delta: 0.4 } }, "failed-precondition"],
    ["its cohorts are larger than any", sizes(3, 10_001), "invalid-argument"],
    [
      "a sum of its smallest cohort could be of one honest client",
      { ...sizes(4, 6), aggregation: { ...aggregation, gamma: 0.75 } },
      "failed-precondition",
    ],
    ["its sample is of fewer clients than a round takes", { aggregation: { ...aggregation, samplingRate: 0.5 } }, "failed-precondition"],
    [
      "its sample is of more clients than a round takes",
      { ...sizes(3, 3), aggregation: { ...aggregation, samplingRate: 1 } },
      "failed-precondition",
    ],
    ["its smallest session is larger than its largest cohort", { aggregation: { ...aggregation, cohortSizeMin: 10 } }, "invalid-argument"],
    ["a lane would need more than 32 bits", { contribution: { ...contribution, quantisationBits: 31 } }, "invalid-argument"],
    [
      "a lane of its largest cohort would",
      { ...sizes(3, 10_000), contribution: { ...contribution, quantisationBits: 20 } },
      "invalid-argument",
    ],
  ];

  test.each(infeasible)("%s", async (_, change, code) => {
    const house = tinyCoordinator(4);
    expect(await codeOf(house.submit(tinySpec(change)))).toBe(code);
    expect(await house.admin.listTasks()).toEqual([]);
    await house.close();
  });

  test("its model is not as long as its layout, or not finite", async () => {
    const house = tinyCoordinator(3);
    const admin = house.coordinator.admin(parseOperatorId("admin"));
    const spec = encodeTaskSpec(tinySpec());
    for (const model of [zeros(8), zeros(16), chunksOf(new Uint8Array(12).fill(0xff))]) {
      expect(await codeOf(admin.submitTask(spec, model))).toBe("invalid-argument");
    }
    expect(await codeOf(admin.submitTask(new Uint8Array([123]), zeros()))).toBe("invalid-argument");
    await house.close();
  });
});

test("tasks are listed in the order of submission, under ids made of their names", async () => {
  const house = tinyCoordinator(3);
  await house.submit(tinySpec({ name: "Heart risk (v2)!" }));
  await house.submit(tinySpec({ name: "???" }));
  const tasks = await house.admin.listTasks();
  expect(tasks.map(({ name, status, roundsCommitted, rounds }) => ({ name, status: status.kind, roundsCommitted, rounds }))).toEqual([
    { name: "Heart risk (v2)!", status: "submitted", roundsCommitted: 0, rounds: 2 },
    { name: "???", status: "submitted", roundsCommitted: 0, rounds: 2 },
  ]);
  expect(tasks.map(({ task }) => task)).toEqual([
    expect.stringMatching(/^heart-risk-v2\.[0-9a-f]{8}$/),
    expect.stringMatching(/^task\.[0-9a-f]{8}$/),
  ]);
  await house.close();
});

test("when as many tasks are kept as can be, a new one takes the place of the oldest that is over", async () => {
  const house = tinyCoordinator(3);
  const admin = house.coordinator.admin(parseOperatorId("admin"));
  const spec = encodeTaskSpec(tinySpec());
  const first = await admin.submitTask(spec, zeros());
  const second = await admin.submitTask(spec, zeros());
  for (let count = 2; count < 1_024; count++) await admin.submitTask(spec, zeros());
  expect(await codeOf(admin.submitTask(spec, zeros()))).toBe("resource-exhausted");
  await admin.stopTask(second);
  const last = await admin.submitTask(spec, zeros());
  const tasks = (await admin.listTasks()).map(({ task }) => task);
  expect(tasks).toHaveLength(1_024);
  expect([tasks.includes(first), tasks.includes(second), tasks.at(-1)]).toEqual([true, false, last]);
  expect(await codeOf(admin.watchTask(second, 0, unaborted))).toBe("not-found");
  await house.close();
});

test("a task, model or roster that is not known is not found", async () => {
  const house = tinyCoordinator(3);
  const none = parseTaskId("none");
  const admin = house.coordinator.admin(parseOperatorId("admin"));
  const face = house.coordinator.client(house.federation.clients[0]!);
  expect(await codeOf(admin.stopTask(none))).toBe("not-found");
  expect(await codeOf(admin.model(none, unaborted))).toBe("not-found");
  expect(await codeOf(admin.watchTask(none, 0, unaborted))).toBe("not-found");
  expect(await codeOf(face.downloadModel(tinyDigest("none"), unaborted))).toBe("not-found");
  expect(await codeOf(face.roster(tinyDigest("none")))).toBe("not-found");
  await house.close();
});

test("clients are given the models of tasks, and no other blob", async () => {
  const house = tinyCoordinator(3);
  const face = house.coordinator.client(house.federation.clients[0]!);
  const { digest: stray } = await house.blobs.put(zeros(20));
  expect(await codeOf(face.downloadModel(stray, unaborted))).toBe("not-found");
  const { digest } = await house.blobs.put(zeros());
  expect(await codeOf(face.downloadModel(digest, unaborted))).toBe("not-found");
  await house.submit(tinySpec());
  expect(await face.downloadModel(digest, unaborted)).toMatchObject({ digest, sizeBytes: 12 });
  await house.close();
});

test("a task has no model to give before its first commit", async () => {
  const house = tinyCoordinator(3);
  const task = await house.submit(tinySpec());
  expect(await codeOf(house.admin.model(task, unaborted))).toBe("failed-precondition");
  await house.close();
});

test("a watcher is told of what it has not seen, and after 25 quiet seconds that there is nothing", async () => {
  const house = tinyCoordinator(3);
  const task = await house.submit(tinySpec());
  const admin = house.coordinator.admin(parseOperatorId("admin"));
  const { records } = await admin.watchTask(task, 0, unaborted);
  expect(records).toMatchObject([
    { record: 1, event: { kind: "status", status: { kind: "submitted" } } },
    { record: 2, event: { kind: "phase", phase: "waiting", arrived: 0 } },
  ]);
  const start = house.clock.now();
  let isQuiet = false;
  void admin.watchTask(task, 2, unaborted).then((watch) => {
    isQuiet = watch.records.length === 0;
  });
  await house.clock.runUntil(() => isQuiet, 60_000);
  expect(house.clock.now() - start).toBe(pollMs);
  for (const client of house.federation.clients) house.start(client);
  await untilEvent(house, task, (event) => event.kind === "phase" && event.phase === "keying");
  await house.close();
});
