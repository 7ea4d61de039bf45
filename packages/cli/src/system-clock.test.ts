import { after, instant } from "@sotto/base";
import { expect, test } from "vitest";
import { systemClock } from "./system-clock.ts";

test("it tells the machine's time", () => {
  const before = Date.now();
  const now = systemClock.now();
  expect(now).toBeGreaterThanOrEqual(before);
  expect(now).toBeLessThanOrEqual(Date.now());
});

test("a deadline that has passed, and an aborted signal, end a sleep at once", async () => {
  await systemClock.sleepUntil(instant(0));
  await systemClock.sleepUntil(after(systemClock.now(), 1e12), AbortSignal.abort());
  const stop = new AbortController();
  const asleep = systemClock.sleepUntil(after(systemClock.now(), 1e12), stop.signal);
  stop.abort();
  await asleep;
});

test("a sleep is never shorter than asked", async () => {
  const deadline = after(systemClock.now(), 3);
  await systemClock.sleepUntil(deadline);
  expect(systemClock.now()).toBeGreaterThanOrEqual(deadline);
});
