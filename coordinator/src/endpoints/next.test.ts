import type { Cursor, Instruction } from "@sotto/protocol";
import { expect, test } from "vitest";
import { tinyCoordinator } from "../testing/tiny-coordinator.ts";
import { tinySpec } from "../testing/tiny-task.ts";
import { pollMs } from "./next.ts";

const unaborted = new AbortController().signal;

test("a poll with nothing new is held for 25 seconds, then says that nothing wants this client", async () => {
  const house = tinyCoordinator(3);
  const start = house.clock.now();
  let answer: Instruction | null = null;
  void house.coordinator
    .client(house.federation.clients[0]!)
    .next(null, unaborted)
    .then((instruction) => {
      answer = instruction;
    });
  await house.clock.runUntil(() => answer !== null, 60_000);
  expect(answer).toEqual({ kind: "idle", retryAfterMs: 0 });
  expect(house.clock.now() - start).toBe(pollMs);
  await house.close();
});

test("a client that took part is told at once that the last task is over, and then held", async () => {
  const house = tinyCoordinator(3);
  const task = await house.submit(tinySpec());
  const face = house.coordinator.client(house.federation.clients[0]!);
  const cursor = { task, round: 1, session: 0, kind: "stand-down" } as Cursor;
  const answers: Instruction[] = [];
  void face.next(cursor, unaborted).then((instruction) => answers.push(instruction));
  await house.clock.runFor(20_000);
  expect(answers).toEqual([]);
  await house.admin.stopTask(task);
  await house.clock.settle();
  void face.next(cursor, unaborted).then((instruction) => answers.push(instruction));
  await house.clock.runFor(5_000);
  expect(answers).toEqual([{ kind: "idle", retryAfterMs: 0 }]);
  await house.clock.runFor(20_000);
  expect(answers).toHaveLength(2);
  await house.close();
});

test("held polls are answered the moment there is something to do, and a new one gets the same until it is taken up", async () => {
  const house = tinyCoordinator(3);
  const { clients } = house.federation;
  const polls = clients.map((client) => house.coordinator.client(client).next(null, unaborted));
  const start = house.clock.now();
  const task = await house.submit(tinySpec());
  const told = await Promise.all(polls);
  expect(house.clock.now()).toBe(start);
  const [first] = told;
  expect(first).toMatchObject({ kind: "train", position: { task, round: 1, session: 0 }, modelSizeBytes: 12 });
  const face = house.coordinator.client(clients[0]!);
  expect(await face.next(null, unaborted)).toEqual(first);
  let isAnswered = false;
  if (first?.kind !== "train") return;
  void face.next({ ...first.position, kind: "train" }, unaborted).then(() => {
    isAnswered = true;
  });
  await house.clock.settle();
  expect(isAnswered).toBe(false);
  await house.close();
});

test("a cursor of a task or round that is over is answered with a stand-down, once", async () => {
  const house = tinyCoordinator(3);
  const task = await house.submit(tinySpec());
  const face = house.coordinator.client(house.federation.clients[0]!);
  const position = { task, round: 7, session: 0 } as Extract<Instruction, { kind: "train" }>["position"];
  expect(await face.next({ ...position, kind: "mask" }, unaborted)).toMatchObject({
    kind: "stand-down",
    position,
    reason: "round 7 is over",
  });
  let isAnswered = false;
  void face.next({ ...position, kind: "stand-down" }, unaborted).then(() => {
    isAnswered = true;
  });
  await house.clock.settle();
  expect(isAnswered).toBe(false);
  await house.close();
});

test("a client that withdraws is stood down by the poll it holds", async () => {
  const house = tinyCoordinator(3);
  const { clients } = house.federation;
  await house.submit(tinySpec());
  const told = await Promise.all(clients.map((client) => house.coordinator.client(client).next(null, unaborted)));
  const [first] = told;
  if (first?.kind !== "train") expect.fail("the first is told to train");
  const face = house.coordinator.client(clients[0]!);
  const poll = face.next({ ...first.position, kind: "train" }, unaborted);
  await house.clock.settle();
  expect(await face.submit({ kind: "withdrawal", position: first.position, reason: "maintenance" })).toEqual({ kind: "accepted" });
  expect(await poll).toMatchObject({ kind: "stand-down", reason: "withdrew: maintenance" });
  await house.close();
});

test("a client has a bounded number of polls: one more ends the oldest", async () => {
  const house = tinyCoordinator(3);
  const face = house.coordinator.client(house.federation.clients[0]!);
  const answered: number[] = [];
  for (let i = 0; i < 6; i++) void face.next(null, unaborted).then(() => answered.push(i));
  await house.clock.settle();
  expect(answered).toEqual([0, 1]);
  await house.close();
});

test("a coordinator that closes answers held polls, and takes no new calls", async () => {
  const house = tinyCoordinator(3);
  const face = house.coordinator.client(house.federation.clients[0]!);
  const poll = face.next(null, unaborted);
  await house.clock.settle();
  await house.close();
  expect(await poll).toEqual({ kind: "idle", retryAfterMs: 5_000 });
  await expect(face.next(null, unaborted)).rejects.toMatchObject({ code: "unavailable" });
  const position = { task: "tiny", round: 1, session: 0 } as Extract<Instruction, { kind: "train" }>["position"];
  expect(await face.submit({ kind: "ready", position })).toMatchObject({ kind: "refused", code: "shutting-down" });
});
