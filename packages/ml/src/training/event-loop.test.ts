import { setImmediate } from "node:timers";
import { expect, test } from "vitest";
import { turnEvery } from "./event-loop.ts";

test("other work of the process runs between two pieces", async () => {
  const order: string[] = [];
  setImmediate(() => order.push("a long poll answered"));
  const turn = turnEvery(0);
  order.push("first piece");
  await turn();
  order.push("second piece");
  expect(order).toEqual(["first piece", "a long poll answered", "second piece"]);
});

test("nothing waits before its time", async () => {
  let turned = false;
  setImmediate(() => {
    turned = true;
  });
  await turnEvery(3_600_000)();
  expect(turned).toBe(false);
});
