import { after, instant } from "@sotto/base";
import { expect, test } from "vitest";
import { VirtualClock } from "./virtual-clock.ts";

const start = instant(0);

test("a day of sleeping takes no real time, and sleepers wake in the order of their deadlines", async () => {
  const clock = new VirtualClock(start);
  const woken: number[] = [];
  const sleep = async (ms: number): Promise<void> => {
    await clock.sleepUntil(after(start, ms));
    woken.push(clock.now());
  };
  await clock.run(Promise.all([sleep(86_400_000), sleep(5), sleep(60_000)]), { untilMs: 1e9 });
  expect(woken).toEqual([5, 60_000, 86_400_000]);
});

test("an aborted sleep ends at once", async () => {
  const clock = new VirtualClock(start);
  const stop = new AbortController();
  const sleeping = clock.sleepUntil(after(start, 1000), stop.signal);
  stop.abort();
  await clock.run(sleeping, { untilMs: 10 });
  expect(clock.now()).toBe(0);
});

test("a world in which nothing can happen any more is an error, not a hang", async () => {
  const clock = new VirtualClock(start);
  await expect(clock.run(new Promise(() => undefined), { untilMs: 10 })).rejects.toMatchObject({ code: "internal" });
});

test("a world that runs past its time is an error that names the bound", async () => {
  const clock = new VirtualClock(start);
  await expect(clock.run(clock.sleepUntil(after(start, 50)), { untilMs: 10 })).rejects.toThrow("10 ms");
});
