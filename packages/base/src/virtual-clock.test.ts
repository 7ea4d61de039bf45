import { expect, test } from "vitest";
import { after, instant } from "./time.ts";
import { VirtualClock } from "./virtual-clock.ts";

const start = instant(0);

test("a day of sleeping takes no real time, and sleepers wake in the order of their deadlines", async () => {
  const clock = new VirtualClock(start);
  const woken: number[] = [];
  const sleep = async (ms: number): Promise<void> => {
    await clock.sleepUntil(after(start, ms));
    woken.push(clock.now());
  };
  await clock.run(Promise.all([sleep(86_400_000), sleep(5), sleep(60_000)]), 1e9);
  expect(woken).toEqual([5, 60_000, 86_400_000]);
});

test("an aborted sleep ends at once", async () => {
  const clock = new VirtualClock(start);
  const stop = new AbortController();
  const sleeping = clock.sleepUntil(after(start, 1000), stop.signal);
  stop.abort();
  await clock.run(sleeping, 10);
  expect(clock.now()).toBe(0);
});

test("a world in which nothing can happen any more is an error, not a hang", async () => {
  const clock = new VirtualClock(start);
  await expect(clock.run(new Promise(() => undefined), 10)).rejects.toMatchObject({ code: "internal" });
});

test("a world that runs past its time is an error that names the bound", async () => {
  const clock = new VirtualClock(start);
  await expect(clock.run(clock.sleepUntil(after(start, 50)), 10)).rejects.toThrow("10 ms");
});

test("exactly as much time passes as is asked for, and who sleeps longer sleeps on", async () => {
  const clock = new VirtualClock(start);
  let isAwake = false;
  void clock.sleepUntil(after(start, 101)).then(() => {
    isAwake = true;
  });
  await clock.runFor(100);
  expect([clock.now(), isAwake]).toEqual([100, false]);
  await clock.runUntil(() => isAwake);
  expect(clock.now()).toBe(101);
});
