import { type ClientId, parseClientId, parseTaskId, type TaskId } from "@sotto/base";
import { toSeed } from "@sotto/crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { assign, type Opening } from "./assign.ts";
import { mayAsk } from "./sample.ts";

const seed = toSeed(new Uint8Array(32));
const clients = Array.from({ length: 12 }, (_, i) => parseClientId(`ward-${String(i).padStart(2, "0")}`));
const task = (i: number): TaskId => parseTaskId(`task-${i}`);
const waiting = (i: number, clientsMin: number, clientsMax: number): Opening => ({
  kind: "waiting",
  task: task(i),
  clientsMin,
  clientsMax,
  sample: null,
});
const joining = (i: number, room: number, asked: readonly ClientId[]): Opening => ({
  kind: "joining",
  task: task(i),
  room,
  asked: new Map(asked.map((client) => [client, null])),
  sample: null,
});
const drawn = (opening: Opening, from: readonly ClientId[]): Opening => ({ ...opening, sample: { clients: new Set(from), clientsMin: 0 } });

describe("a waiting task", () => {
  test("begins once its fewest clients are idle, with all of them up to its most", () => {
    expect(assign({ openings: [waiting(1, 3, 5)], idle: clients.slice(0, 2), busy: [], seed })).toEqual([]);
    expect(assign({ openings: [waiting(1, 3, 5)], idle: clients.slice(0, 4), busy: [], seed })).toEqual([
      { kind: "waiting", task: task(1), clients: clients.slice(0, 4) },
    ]);
    expect(assign({ openings: [waiting(1, 3, 5)], idle: clients, busy: [], seed })[0]?.clients).toHaveLength(5);
  });

  test("keeps later tasks waiting while the busy clients could make it begin", () => {
    const openings = [waiting(1, 6, 6), waiting(2, 3, 3)];
    expect(assign({ openings, idle: clients.slice(0, 4), busy: clients.slice(4, 6), seed })).toEqual([]);
    expect(assign({ openings, idle: clients.slice(0, 4), busy: clients.slice(4, 5), seed })).toMatchObject([{ task: task(2) }]);
  });
});

test("a round that is selecting is joined by clients it has not asked, as far as it has room", () => {
  const openings = [joining(1, 2, clients.slice(0, 3))];
  expect(assign({ openings, idle: clients.slice(0, 3), busy: [], seed })).toEqual([]);
  const [assignment] = assign({ openings, idle: clients, busy: [], seed });
  expect(assignment?.clients).toHaveLength(2);
  expect(assignment?.clients.some((client) => clients.slice(0, 3).includes(client))).toBe(false);
});

describe("a task whose round is drawn", () => {
  test("begins when its fewest of the drawn are idle, with all of them and nobody else", () => {
    const opening = drawn(waiting(1, 3, 5), clients.slice(4, 8));
    expect(assign({ openings: [opening], idle: clients.slice(0, 6), busy: [], seed })).toEqual([]);
    expect(assign({ openings: [opening], idle: clients, busy: [], seed })).toMatchObject([{ clients: clients.slice(4, 8) }]);
  });

  test("is joined by the drawn alone", () => {
    const opening = drawn(joining(1, 5, clients.slice(4, 6)), clients.slice(4, 8));
    expect(assign({ openings: [opening], idle: clients, busy: [], seed })).toMatchObject([{ clients: clients.slice(6, 8) }]);
  });

  test("keeps later tasks waiting for busy clients only when enough of these are drawn", () => {
    const openings = [drawn(waiting(1, 4, 5), clients.slice(0, 5)), waiting(2, 3, 3)];
    const idle = clients.slice(2, 6);
    expect(assign({ openings, idle, busy: clients.slice(0, 1), seed })).toEqual([]);
    expect(assign({ openings, idle, busy: clients.slice(6), seed })).toMatchObject([{ task: task(2) }]);
  });
});

const opening = fc
  .tuple(
    fc.oneof(
      fc
        .record({ i: fc.nat(9), min: fc.integer({ min: 3, max: 6 }), more: fc.nat(6) })
        .map(({ i, min, more }) => waiting(i, min, min + more)),
      fc
        .record({ i: fc.nat(9), room: fc.integer({ min: 1, max: 5 }), asked: fc.subarray(clients) })
        .map(({ i, room, asked }) => joining(i, room, asked)),
    ),
    fc.option(fc.subarray(clients)),
  )
  .map(([one, from]) => (from === null ? one : drawn(one, from)));

test("no client is given twice, none that is not idle or not drawn, and no task less than its fewest or more than its most", () => {
  fc.assert(
    fc.property(fc.array(opening, { maxLength: 5 }), fc.subarray(clients), fc.subarray(clients), (openings, idle, there) => {
      const busy = there.filter((client) => !idle.includes(client));
      const assignments = assign({ openings, idle, busy, seed });
      const given = assignments.flatMap((assignment) => assignment.clients);
      expect(new Set(given).size).toBe(given.length);
      expect(given.every((client) => idle.includes(client))).toBe(true);
      for (const { kind, task: of, clients: got } of assignments) {
        const fits = openings.some(
          (one) =>
            one.task === of &&
            one.kind === kind &&
            got.every((client) => mayAsk(one.sample, client)) &&
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
      const first = waitingOnes.find((one) => one.clientsMin <= idle.filter((client) => mayAsk(one.sample, client)).length);
      const begun = assign({ openings: waitingOnes, idle, busy: [], seed }).at(0);
      expect(begun?.task).toBe(first?.task);
    }),
  );
});
