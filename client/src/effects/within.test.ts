import { FlError, VirtualClock } from "@sotto/base";
import { expect, test } from "vitest";
import { within } from "./within.ts";

const never = new AbortController().signal;

test("a call that is in time gives its result, and leaves no timer behind", async () => {
  const clock = new VirtualClock();
  expect(await within({ clock, limitMs: 1_000, signal: never }, async () => 7)).toBe(7);
  await expect(clock.run(new Promise(() => undefined))).rejects.toMatchObject({ code: "internal" });
  expect(clock.now()).toBe(new VirtualClock().now());
});

test("a call that takes too long is called off", async () => {
  const clock = new VirtualClock();
  let called: AbortSignal | null = null;
  const result = within({ clock, limitMs: 1_000, signal: never }, (signal) => {
    called = signal;
    return new Promise<never>(() => undefined);
  });
  await expect(clock.run(result)).rejects.toMatchObject({ code: "deadline-exceeded" });
  expect((called as AbortSignal | null)?.aborted).toBe(true);
});

test("an abort from outside calls it off at once, also one that came before", async () => {
  const clock = new VirtualClock();
  const outside = new AbortController();
  const hanging = (): Promise<never> => new Promise(() => undefined);
  const result = within({ clock, limitMs: 1_000, signal: outside.signal }, hanging);
  outside.abort();
  await expect(result).rejects.toMatchObject({ code: "cancelled" });
  await expect(within({ clock, limitMs: 1_000, signal: outside.signal }, hanging)).rejects.toMatchObject({ code: "cancelled" });
});

test("what the call throws is thrown", async () => {
  const clock = new VirtualClock();
  const error = new FlError("not-found", "no such roster");
  await expect(within({ clock, limitMs: 1_000, signal: never }, () => Promise.reject(error))).rejects.toBe(error);
});
