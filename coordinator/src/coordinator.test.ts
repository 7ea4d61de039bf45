import { FlError, parseRoundNumber } from "@sotto/base";
import { sha256Digest } from "@sotto/crypto";
import type { RoundReport, TaskEvent, TaskSpec } from "@sotto/protocol";
import { sampledOf } from "@sotto/secagg";
import { type BlobStore, memoryBlobs } from "@sotto/storage";
import { decodeModel } from "@sotto/vector";
import { describe, expect, test } from "vitest";
import { gather } from "./effects/blob-bytes.ts";
import { eventsOf, type TinyCoordinator, tinyCoordinator, untilEvent, untilOver } from "./testing/tiny-coordinator.ts";
import { tinySpec } from "./testing/tiny-task.ts";

const unaborted = new AbortController().signal;

function reportsIn(events: readonly TaskEvent[]): readonly RoundReport[] {
  return events.flatMap((event) => (event.kind === "committed" ? [event.record] : []));
}

function spec(change: Partial<TaskSpec> = {}): TaskSpec {
  return tinySpec({ rounds: 1, ...change });
}

async function expectQuiet(house: TinyCoordinator): Promise<void> {
  await house.close();
  expect(house.complaints).toEqual([]);
}

describe("a task", () => {
  test("of two rounds trains, measures its final model and finishes", async () => {
    const house = tinyCoordinator(5);
    const { clients } = house.federation;
    const task = await house.submit(spec({ rounds: 2 }));
    const peers = clients.map((client) => house.start(client));
    const events = await untilOver(house, task);
    const reports = reportsIn(events);
    expect(reports.map((report) => report.purpose)).toEqual(["train", "train", "evaluate"]);
    for (const report of reports) {
      expect(report).toMatchObject({ asked: clients, survivors: clients, dropped: [], durationMs: 1_000, overheadMs: 0 });
      expect(report.metrics).toMatchObject({ rows: 50, accuracy: 0.8 });
      expect(report.metrics?.loss).toBeCloseTo(0.5, 6);
      expect(report.weight).toBeCloseTo(500, 3);
      expect(report.bytesUpPerClient).toBeGreaterThan(500);
    }
    expect(events.at(-1)).toEqual({ kind: "status", status: { kind: "finished" } });
    const model = await house.admin.model(task, unaborted);
    expect(model).toMatchObject({ round: 2, blob: { sizeBytes: 12, digest: reports[2]?.modelDigest } });
    for (const value of decodeModel(await gather(model.blob.chunks, 12))) expect(value).toBeCloseTo(0.06, 3);
    expect(await house.blobs.has(reports[0]!.modelDigest)).toBe(false);
    await house.clock.runFor(60_000);
    for (const { log } of peers) {
      expect(log.kinds.filter((kind) => kind === "train")).toHaveLength(3);
      expect(log.answers.filter((answer) => answer.kind !== "accepted" && answer.kind !== "stale")).toEqual([]);
    }
    await expectQuiet(house);
  });

  test("waits for its first clients without burning the deadline, and says so", async () => {
    const house = tinyCoordinator(3);
    const [first, second, third] = house.federation.clients;
    const task = await house.submit(spec());
    house.start(first!);
    house.start(second!);
    await house.clock.runFor(10 * 60_000);
    expect(await house.admin.listTasks()).toMatchObject([{ task, status: { kind: "submitted" } }]);
    expect(eventsOf(house, task).at(-1)).toEqual({ kind: "phase", round: 1, phase: "waiting", cohortSize: 3, arrived: 2 });
    house.start(third!);
    expect(reportsIn(await untilOver(house, task))).toHaveLength(2);
    await expectQuiet(house);
  });

  test("that is stopped gives its clients to the next task at once", async () => {
    const house = tinyCoordinator(4);
    const first = await house.submit(spec({ name: "First", rounds: 100 }));
    const second = await house.submit(spec({ name: "Second" }));
    const peers = house.federation.clients.map((client) => house.start(client));
    await untilEvent(house, first, (event) => event.kind === "committed" && event.round === 2);
    expect(eventsOf(house, second)).not.toContainEqual({ kind: "status", status: { kind: "running" } });
    await house.admin.stopTask(first);
    await house.admin.stopTask(first);
    expect((await untilOver(house, first)).at(-1)).toEqual({ kind: "status", status: { kind: "stopped" } });
    expect(reportsIn(await untilOver(house, second))).toHaveLength(2);
    await house.clock.runFor(5_000);
    for (const { log } of peers) expect(log.reasons).toEqual(["the round is committed"]);
    await expectQuiet(house);
  });

  test("for which there are too few clients does not keep a smaller one from them", async () => {
    const house = tinyCoordinator(4);
    const many = { ...tinySpec().cohort, count: { min: 5, goal: 5, max: 6 } };
    await house.submit(spec({ name: "Large", cohort: many }));
    const small = await house.submit(spec({ name: "Small" }));
    for (const client of house.federation.clients) house.start(client);
    expect(reportsIn(await untilOver(house, small))).toHaveLength(2);
    await expectQuiet(house);
  });

  test("that needs many is not starved by small tasks after it", async () => {
    const house = tinyCoordinator(5);
    const small = await house.submit(
      spec({ name: "Small", rounds: 1_000, cohort: { ...tinySpec().cohort, count: { min: 3, goal: 3, max: 3 } } }),
    );
    const { clients } = house.federation;
    for (const client of clients.slice(0, 3)) house.start(client);
    await untilEvent(house, small, (event) => event.kind === "committed" && event.round === 3);
    await house.admin.stopTask(small);
    const large = await house.submit(spec({ name: "Large", cohort: { ...tinySpec().cohort, count: { min: 5, goal: 5, max: 5 } } }));
    await house.submit(spec({ name: "Small again", rounds: 1_000, cohort: { ...tinySpec().cohort, count: { min: 3, goal: 3, max: 3 } } }));
    for (const client of clients.slice(3)) house.start(client);
    expect(reportsIn(await untilOver(house, large))).toHaveLength(2);
    await expectQuiet(house);
  });

  test("that is stopped stands its clients down", async () => {
    const house = tinyCoordinator(3);
    const task = await house.submit(spec());
    const peers = house.federation.clients.map((client) => house.start(client, { trainingMs: 50_000 }));
    await house.clock.runFor(10_000);
    await house.admin.stopTask(task);
    expect((await untilOver(house, task)).slice(-2)).toEqual([
      { kind: "abandoned", round: 1, reason: "the task was stopped", missing: [] },
      { kind: "status", status: { kind: "stopped" } },
    ]);
    await house.clock.runFor(60_000);
    for (const { log } of peers) expect(log.reasons).toEqual(["the round was abandoned: the task was stopped"]);
    await expectQuiet(house);
  });

  test("whose rounds are all abandoned fails after abandonedMax of them, after growing pauses", async () => {
    const house = tinyCoordinator(3);
    const task = await house.submit(spec());
    for (const client of house.federation.clients)
      house.start(client, { onInstruction: (kind) => (kind === "train" ? "withdraw" : "act") });
    await untilOver(house, task);
    const abandoned = (house.records.get(task) ?? []).filter((record) => record.event.kind === "abandoned");
    expect(abandoned.map((record) => record.event)).toMatchObject([{ round: 1 }, { round: 2 }, { round: 3 }]);
    const [first, second, third] = abandoned.map((record) => record.atMs);
    expect([second! - first!, third! - second!]).toEqual([1_000, 2_000]);
    expect(await house.admin.listTasks()).toMatchObject([{ status: { kind: "failed", reason: /^3 rounds in a row were abandoned/ } }]);
    await expectQuiet(house);
  });

  test("that is to stop at the first abandoned round does", async () => {
    const house = tinyCoordinator(3);
    const task = await house.submit(spec({ whenAbandoned: "stop" }));
    for (const client of house.federation.clients) house.start(client, { onInstruction: (kind) => (kind === "mask" ? "withdraw" : "act") });
    const reason = "too few clients: 0 answered in collecting of at least 3";
    expect((await untilOver(house, task)).slice(-2)).toEqual([
      { kind: "abandoned", round: 1, reason, missing: house.federation.clients },
      { kind: "status", status: { kind: "failed", reason } },
    ]);
    await expectQuiet(house);
  });
});

test("a store that fails costs a round and no model: the task goes on from the one before", async () => {
  const store = memoryBlobs();
  let puts = 0;
  const put: BlobStore["put"] = (chunks) => {
    puts++;
    if (puts === 3) return Promise.reject(new FlError("resource-exhausted", "no room"));
    return store.put(chunks);
  };
  const house = tinyCoordinator(3, { ...store, put });
  const task = await house.submit(spec({ rounds: 2 }));
  for (const client of house.federation.clients) house.start(client);
  const events = await untilOver(house, task);
  expect(events.filter((event) => event.kind === "abandoned")).toEqual([
    { kind: "abandoned", round: 2, reason: "the coordinator failed: no room", missing: [] },
  ]);
  expect(reportsIn(events).map((report) => report.purpose)).toEqual(["train", "train", "evaluate"]);
  const { blob, round } = await house.admin.model(task, unaborted);
  expect(round).toBe(3);
  for (const value of decodeModel(await gather(blob.chunks, 12))) expect(value).toBeCloseTo(0.04, 3);
  await house.close();
  expect(house.complaints).toHaveLength(1);
});

test("a coordinator closes while a sum is being released", async () => {
  const store = memoryBlobs();
  let finishPut = (): void => undefined;
  const put: BlobStore["put"] = async (chunks) => {
    const stored = await store.put(chunks);
    if (stored.sizeBytes === 12) await new Promise<void>((resolve) => (finishPut = resolve));
    return stored;
  };
  const house = tinyCoordinator(3, { ...store, put });
  const submitted = house.submit(spec());
  await house.clock.settle();
  finishPut();
  const task = await submitted;
  for (const client of house.federation.clients) house.start(client);
  await untilEvent(house, task, (event) => event.kind === "phase" && event.phase === "releasing");
  let isClosed = false;
  void house.close().then(() => (isClosed = true));
  await house.clock.settle();
  expect(isClosed).toBe(false);
  finishPut();
  await house.clock.settle();
  await house.clock.settle();
  expect(isClosed).toBe(true);
  expect(house.complaints).toEqual([]);
});

describe("a client", () => {
  test.each(["train", "advertise", "share-keys", "mask", "attest", "reveal"] as const)(
    "killed when told to %s is waited for during the presence window alone",
    async (stage) => {
      const house = tinyCoordinator(5);
      const { clients } = house.federation;
      const task = await house.submit(spec());
      for (const client of clients.slice(1)) house.start(client);
      let isKilled = false;
      const killed = house.start(clients[0]!, {
        onInstruction: (kind) => {
          if (kind !== stage) return "act";
          isKilled = true;
          return "vanish";
        },
      });
      await house.clock.runUntil(() => isKilled, 60_000);
      killed.stop();
      const [report] = reportsIn(await untilOver(house, task));
      const isInSum = stage === "attest" || stage === "reveal";
      expect(report?.survivors).toEqual(isInSum ? clients : clients.slice(1));
      expect(report?.durationMs).toBe(stage === "train" ? 3_000 : stage === "reveal" ? 1_000 : 4_000);
      await expectQuiet(house);
    },
  );

  test("restarted in a session sits the round out and takes part in the next", async () => {
    const house = tinyCoordinator(5);
    const { clients } = house.federation;
    const task = await house.submit(spec({ rounds: 2 }));
    for (const client of clients.slice(1)) house.start(client);
    let restarted: ReturnType<TinyCoordinator["start"]> | null = null;
    const first = house.start(clients[0]!, {
      onInstruction: (kind) => {
        if (kind !== "mask") return "act";
        first.stop();
        restarted = house.start(clients[0]!);
        return "vanish";
      },
    });
    const [one, two] = reportsIn(await untilOver(house, task));
    expect(one?.survivors).toEqual(clients.slice(1));
    expect(one?.dropped).toEqual([{ client: clients[0], phase: "collecting", reason: "restarted and lost its session" }]);
    expect(one?.durationMs).toBe(1_000);
    expect(two?.survivors).toEqual(clients);
    expect(restarted).toMatchObject({ log: { reasons: expect.arrayContaining(["restarted and lost its session"]) } });
    await expectQuiet(house);
  });
});

describe("a task whose rounds are drawn", () => {
  const aggregation = { cohortSizeMin: 3, gamma: 0, delta: 0.3, samplingRate: 0.5 };
  const cohort = { ...tinySpec().cohort, count: { min: 3, goal: 12, max: 12 } };

  test("asks in each round all clients that its model and number draw, and no other", async () => {
    const house = tinyCoordinator(12);
    const { clients } = house.federation;
    const task = await house.submit(spec({ rounds: 3, aggregation, cohort }));
    for (const client of clients) house.start(client);
    const events = await untilOver(house, task);
    let modelDigest = sha256Digest(new Uint8Array(12));
    let roundLast = 0;
    for (const event of events) {
      if (event.kind !== "committed") continue;
      const { asked, survivors } = event.record;
      const drawn = sampledOf({ modelDigest, round: parseRoundNumber(event.round), samplingRate: 0.5 }, clients);
      expect(asked).toEqual(drawn);
      expect(survivors).toEqual(drawn);
      expect(event.round).toBeGreaterThan(roundLast);
      roundLast = event.round;
      ({ modelDigest } = event.record);
    }
    expect(reportsIn(events).map((report) => report.purpose)).toEqual(["train", "train", "train", "evaluate"]);
    await expectQuiet(house);
  });

  test("tries the next draw after one that is too small, though nobody calls", async () => {
    const house = tinyCoordinator(12);
    const { clients } = house.federation;
    // Three of twelve in the mean, and at least three: many draws are too small.
    const rare = { ...aggregation, samplingRate: 0.25 };
    const task = await house.submit(spec({ rounds: 4, aggregation: rare, cohort, abandonedMax: 100 }));
    for (const client of clients) house.start(client);
    const events = await untilOver(house, task);
    expect(reportsIn(events)).toHaveLength(5);
    const given = events.flatMap((event) => (event.kind === "abandoned" ? [event.reason] : []));
    expect(given.length).toBeGreaterThan(0);
    for (const reason of given) expect(reason).toMatch(/^the sample of [0-2] clients is below the fewest of a round, 3$/);
    await expectQuiet(house);
  });
});
