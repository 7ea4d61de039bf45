import { after, VirtualClock } from "@sotto/base";
import { expect, test } from "vitest";
import { Alarm } from "./alarm.ts";
import { Bell } from "./bell.ts";

test("an alarm rings once, at the instant it was set to last", async () => {
  const clock = new VirtualClock();
  const start = clock.now();
  const rung: number[] = [];
  const alarm = new Alarm({ clock, onRing: () => rung.push(clock.now() - start) });
  alarm.set(after(start, 5_000));
  alarm.set(after(start, 2_000));
  alarm.set(after(start, 3_000));
  await clock.runFor(10_000);
  expect(rung).toEqual([3_000]);
  alarm.set(after(start, 12_000));
  alarm.set(null);
  await clock.runFor(10_000);
  alarm.set(after(start, 30_000));
  alarm.close();
  await clock.runFor(60_000);
  expect(rung).toEqual([3_000]);
});

test("an alarm can be set again from its ring", async () => {
  const clock = new VirtualClock();
  let rings = 0;
  const alarm: Alarm = new Alarm({
    clock,
    onRing: () => {
      rings++;
      if (rings < 3) alarm.set(after(clock.now(), 1_000));
    },
  });
  alarm.set(after(clock.now(), 1_000));
  await clock.runFor(10_000);
  expect(rings).toBe(3);
});

test("a bell wakes those of its key, or all; the others wait for their time or their abort", async () => {
  const clock = new VirtualClock();
  const bell = new Bell<string>();
  const woken: string[] = [];
  const abort = new AbortController();
  const wait = (key: string, signal = new AbortController().signal): void => {
    void bell.heard(key, { clock, until: after(clock.now(), 5_000), signal }).then(() => woken.push(key));
  };
  for (const key of ["a", "a", "b", "c"]) wait(key);
  wait("d", abort.signal);
  bell.ring("a");
  bell.ring("nobody");
  await clock.settle();
  expect(woken).toEqual(["a", "a"]);
  abort.abort();
  await clock.settle();
  expect(woken).toEqual(["a", "a", "d"]);
  await clock.runFor(5_000);
  expect(woken.slice(3).sort()).toEqual(["b", "c"]);
  wait("a");
  wait("b");
  bell.ringAll();
  await clock.settle();
  expect(woken).toHaveLength(7);
});
