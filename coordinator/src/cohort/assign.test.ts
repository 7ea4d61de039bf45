import { type ClientId, parseClientId, parseTaskId, type TaskId } from "@sotto/base";
import { toSeed } from "@sotto/crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { assign, type Opening } from "./assign.ts";

const seed = toSeed(new Uint8Array(32));
const clients = Array.from({ length: 12 }, (_, i) => parseClientId(`ward-${String(i).padStart(2, "0")}`));
const task = (i: number): TaskId => parseTaskId(`task-${i}`);
const waiting = (i: number, clientsMin: number, clientsMax: number): Opening => ({
  kind: "waiting",
  task: task(i),
  clientsMin,
  clientsMax,
});
const joining = (i: number, room: number, asked: readonly ClientId[]): Opening => ({
  kind: "joining",
  task: task(i),
  room,
  asked: new Map(asked.map((client) => [client, null])),
});

describe("a waiting task", () => {
  test("begins once its fewest clients are idle, with all of them up to its most", () => {
    expect(assign({ openings: [waiting(1, 3, 5)], idle: clients.slice(0, 2), busyCount: 0, seed })).toEqual([]);
    expect(assign({ openings: [waiting(1, 3, 5)], idle: clients.slice(0, 4), busyCount: 0, seed })).toEqual([
      { kind: "waiting", task: task(1), clients: clients.slice(0, 4) },
    ]);
    expect(assign({ openings: [waiting(1, 3, 5)], idle: clients, busyCount: 0, seed })[0]?.clients).toHaveLength(5);
  });

  test("keeps later tasks waiting while the busy clients could make it begin", () => {
    const openings = [waiting(1, 6, 6), waiting(2, 3, 3)];
    expect(assign({ openings, idle: clients.slice(0, 4), busyCount: 2, seed })).toEqual([]);
    expect(assign({ openings, idle: clients.slice(0, 4), busyCount: 1, seed })).toMatchObject([{ task: task(2) }]);
  });
});

test("a round that is selecting is joined by clients it has not asked, as far as it has room", () => {
  const openings = [joining(1, 2, clients.slice(0, 3))];
  expect(assign({ openings, idle: clients.slice(0, 3), busyCount: 0, seed })).toEqual([]);
  const [assignment] = assign({ openings, idle: clients, busyCount: 0, seed });
  expect(assignment?.clients).toHaveLength(2);
  expect(assignment?.clients.some((client) => clients.slice(0, 3).includes(client))).toBe(false);
});

const opening = fc.oneof(
  fc.record({ i: fc.nat(9), min: fc.integer({ min: 3, max: 6 }), more: fc.nat(6) }).map(({ i, min, more }) => waiting(i, min, min + more)),
  fc
    .record({ i: fc.nat(9), room: fc.integer({ min: 1, max: 5 }), asked: fc.subarray(clients) })
    .map(({ i, room, asked }) => joining(i, room, asked)),
);

test("no client is given twice, none that is not idle, and no task less than its fewest or more than its most", () => {
  fc.assert(
    fc.property(fc.array(opening, { maxLength: 5 }), fc.subarray(clients), fc.nat(12), (openings, idle, busyCount) => {
      const assignments = assign({ openings, idle, busyCount, seed });
      const given = assignments.flatMap((assignment) => assignment.clients);
      expect(new Set(given).size).toBe(given.length);
      expect(given.every((client) => idle.includes(client))).toBe(true);
      for (const { kind, task: of, clients: got } of assignments) {
        const fits = openings.some(
          (one) =>
            one.task === of &&
            one.kind === kind &&
            (one.kind === "waiting" ? got.length >= one.clientsMin && got.length <= one.clientsMax : got.length <= one.room),
        );
        expect(fits).toBe(true);
      }
    }),
  );
});

test("when everybody is idle, the first waiting task that can begin at all begins: nothing waits for ever", () => {
  fc.assert(
    fc.property(fc.array(opening, { maxLength: 5 }), fc.subarray(clients), (openings, idle) => {
      const waitingOnes = openings.filter((one) => one.kind === "waiting");
      const first = waitingOnes.find((one) => one.clientsMin <= idle.length);
      const begun = assign({ openings: waitingOnes, idle, busyCount: 0, seed }).at(0);
      expect(begun?.task).toBe(first?.task);
    }),
  );
});
