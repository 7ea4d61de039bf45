import { FlError } from "@sotto/base";
import type { CoordinatorFace } from "@sotto/protocol";
import { expect, test } from "vitest";
import type { MarksStore } from "./effects/marks-store.ts";
import { memoryMarks } from "./effects/memory-marks.ts";
import { startWorld } from "./testing/client-world.ts";
import { type NewestMark, newestIn } from "./testing/newest-mark.ts";

/** What is new in each save of a client's round, and all that it does after it and before the next, in order. */
const round: readonly (readonly [NewestMark, readonly string[]])[] = [
  ["offered", ["roster"]],
  ["roster", ["downloadModel", "ready"]],
  ["entered", ["advert", "shares"]],
  ["spent", ["upload"]],
  ["signed", ["attestation"]],
  ["left", ["reveal"]],
];

/** A coordinator whose every call but the long poll is written down as it is made. */
function writtenDown(face: CoordinatorFace, log: string[]): CoordinatorFace {
  return {
    next: (cursor, signal) => face.next(cursor, signal),
    submit: (submission) => {
      log.push(submission.kind);
      return face.submit(submission);
    },
    upload: (declaration, chunks, signal) => {
      log.push("upload");
      return face.upload(declaration, chunks, signal);
    },
    downloadModel: (digest, signal) => {
      log.push("downloadModel");
      return face.downloadModel(digest, signal);
    },
    roster: (digest) => {
      log.push("roster");
      return face.roster(digest);
    },
  };
}

test("nothing is sent or begun before the save it depends on is done, however long that takes", async () => {
  const log: string[] = [];
  const waiting: (() => void)[] = [];
  const slow: MarksStore = {
    ...memoryMarks(),
    async save(remembered) {
      log.push(`save ${newestIn(remembered)}`);
      await new Promise<void>((resolve) => waiting.push(resolve));
      log.push("saved");
    },
  };
  const world = startWorld(4, (index, face) => (index === 0 ? { face: writtenDown(face, log), marks: slow } : {}));
  const ended = world.host.round();
  let isOver = false;
  void ended.then(() => {
    isOver = true;
  });
  for (let turn = 0; turn < 200 && !isOver; turn++) {
    await world.clock.runFor(100);
    waiting.shift()?.();
  }
  await world.clock.settle();
  expect(log).toEqual(round.flatMap(([newest, done]) => [`save ${newest}`, "saved", ...done]));
  await world.stop();
});

test.each(round.map(([newest], index) => [newest, index] as const))(
  "a client that cannot save what is %s ends with the error and says nothing more",
  async (newest, index) => {
    const log: string[] = [];
    const full = new FlError("resource-exhausted", "cannot write marks.json: ENOSPC");
    const failing: MarksStore = {
      ...memoryMarks(),
      async save(remembered) {
        log.push(`save ${newestIn(remembered)}`);
        if (newestIn(remembered) === newest) throw full;
      },
    };
    const world = startWorld(5, (number, face) => (number === 0 ? { face: writtenDown(face, log), marks: failing } : {}));
    await world.clock.run(world.host.round());
    await expect(world.clock.run(world.running[0]!)).rejects.toBe(full);
    expect(log).toEqual([...round.slice(0, index).flatMap(([name, done]) => [`save ${name}`, ...done]), `save ${newest}`]);
    for (const value of world.host.peer.result?.updateMean ?? []) expect(value).toBeGreaterThan(0);
    await expect(world.clients[0]!.run(new AbortController().signal)).rejects.toBe(full);
    await expect(world.stop()).rejects.toBe(full);
  },
);

test("a client that was not told what it remembers does not begin", async () => {
  const damaged = new FlError("data-loss", "marks.json is not as it was written");
  const log: string[] = [];
  const marks: MarksStore = { ...memoryMarks(), load: () => Promise.reject(damaged) };
  const world = startWorld(4, (index, face) => (index === 0 ? { face: writtenDown(face, log), marks } : {}));
  await expect(world.clock.run(world.running[0]!)).rejects.toBe(damaged);
  expect(log).toEqual([]);
  await expect(world.stop()).rejects.toBe(damaged);
});

test("a client begun again with the same marks goes on with the next round, and not with the last", async () => {
  const kept = memoryMarks();
  const world = startWorld(4, (index) => (index === 0 ? { marks: kept } : {}));
  await world.clock.run(world.host.round());
  await world.stop();
  const again = startWorld(4, (index) => (index === 0 ? { marks: kept } : {}));
  await again.clock.run(again.host.round());
  expect(again.host.peer.withdrawals).toMatchObject([{ client: "ward-00", reason: expect.stringContaining("replay: ") }]);
  again.host.nextRound();
  await again.clock.run(again.host.round());
  for (const value of again.host.peer.result?.updateMean ?? [Number.NaN]) expect(value).toBeCloseTo(0.025, 3);
  await again.stop();
});
