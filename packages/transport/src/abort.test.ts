import { FlError } from "@sotto/base";
import { expect, test } from "vitest";
import { abortError, orAborted, untilAborted } from "./abort.ts";

async function* counted(closed: { count: number }): AsyncGenerator<number, void, undefined> {
  try {
    for (let i = 0; ; i++) yield i;
  } finally {
    closed.count++;
  }
}

test("an aborted signal means its reason, or that the call was cancelled", () => {
  const reason = new FlError("deadline-exceeded", "too late");
  expect(abortError(AbortSignal.abort(reason))).toBe(reason);
  expect(abortError(AbortSignal.abort("else"))).toMatchObject({ code: "cancelled", cause: "else" });
});

test("a promise is waited for until the signal aborts, and no listener stays behind", async () => {
  const controller = new AbortController();
  expect(await orAborted(Promise.resolve(3), controller.signal)).toBe(3);
  await expect(orAborted(Promise.reject(new FlError("not-found", "no")), controller.signal)).rejects.toMatchObject({ code: "not-found" });
  const waiting = orAborted(new Promise(() => undefined), controller.signal);
  controller.abort();
  await expect(waiting).rejects.toMatchObject({ code: "cancelled" });
  await expect(orAborted(new Promise(() => undefined), controller.signal)).rejects.toMatchObject({ code: "cancelled" });
});

test("items come until the signal aborts, and the source is closed", async () => {
  const controller = new AbortController();
  const closed = { count: 0 };
  const seen: number[] = [];
  const iteration = (async () => {
    for await (const item of untilAborted(counted(closed), controller.signal)) if (seen.push(item) === 3) controller.abort();
  })();
  await expect(iteration).rejects.toMatchObject({ code: "cancelled" });
  expect([seen, closed.count]).toEqual([[0, 1, 2], 1]);
});

test("a source that is left is closed", async () => {
  const closed = { count: 0 };
  for await (const item of untilAborted(counted(closed), new AbortController().signal)) if (item === 2) break;
  expect(closed.count).toBe(1);
});

test("a step that never ends does not outlast the signal", async () => {
  const controller = new AbortController();
  async function* hanging(): AsyncGenerator<number, void, undefined> {
    yield 1;
    controller.abort();
    await new Promise(() => undefined);
  }
  const iteration = (async () => {
    for await (const item of untilAborted(hanging(), controller.signal)) expect(item).toBe(1);
  })();
  await expect(iteration).rejects.toMatchObject({ code: "cancelled" });
});
