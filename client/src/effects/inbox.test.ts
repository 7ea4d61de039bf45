import { FlError } from "@sotto/base";
import { expect, test } from "vitest";
import { createInbox } from "./inbox.ts";

test("items are taken in the order they were put, also by one who waits", async () => {
  const inbox = createInbox<number>(4);
  inbox.put(1);
  inbox.put(2);
  expect([await inbox.take(), await inbox.take()]).toEqual([1, 2]);
  const waiting = inbox.take();
  inbox.put(3);
  expect(await waiting).toBe(3);
});

test("an inbox is bounded", () => {
  const inbox = createInbox<number>(2);
  inbox.put(1);
  inbox.put(2);
  expect(() => inbox.put(3)).toThrow(FlError);
});

test("a failure reaches one who waits and everyone after, once and for all", async () => {
  const inbox = createInbox<number>(2);
  const waiting = inbox.take();
  const first = new FlError("unauthenticated", "not enrolled");
  inbox.fail(first);
  inbox.fail(new FlError("internal", "later"));
  await expect(waiting).rejects.toBe(first);
  await expect(inbox.take()).rejects.toBe(first);
});
