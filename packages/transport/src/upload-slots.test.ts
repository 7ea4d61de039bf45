import type { Answer } from "@sotto/protocol";
import { expect, test } from "vitest";
import { aborted, accepted, deferred } from "./contract/connection.ts";
import { createUploadSlots } from "./upload-slots.ts";

test("as many run as there are slots, and one more when one is done", async () => {
  const slots = createUploadSlots(2);
  const running = ["a", "b"].map((caller) => {
    const { promise, resolve } = deferred<Answer>();
    return { answer: slots.run(caller, () => promise), resolve };
  });
  expect(await slots.run("c", async () => accepted)).toMatchObject({ kind: "not-now" });
  running[0]!.resolve(accepted);
  expect(await running[0]!.answer).toEqual(accepted);
  expect(await slots.run("c", async () => accepted)).toEqual(accepted);
  running[1]!.resolve(accepted);
  expect(await running[1]!.answer).toEqual(accepted);
});

test("a caller's newer upload begins when its older one has ended, even where no other slot is free", async () => {
  const slots = createUploadSlots(1);
  const order: string[] = [];
  const older = slots.run("a", async (signal) => {
    await aborted(signal);
    order.push("older ended");
    return { kind: "stale", round: 1 };
  });
  const newer = slots.run("a", async () => {
    order.push("newer began");
    return accepted;
  });
  expect(await older).toEqual({ kind: "stale", round: 1 });
  expect(await newer).toEqual(accepted);
  expect(order).toEqual(["older ended", "newer began"]);
});

test("of many at once by one caller the newest wins, and never do two run together", async () => {
  const slots = createUploadSlots(3);
  let together = 0;
  const uploads = Array.from({ length: 10 }, (_, i) =>
    slots.run("a", async (signal): Promise<Answer> => {
      together++;
      expect(together).toBe(1);
      if (i < 9) await aborted(signal);
      together--;
      return { kind: "stale", round: i };
    }),
  );
  expect(await uploads[9]).toEqual({ kind: "stale", round: 9 });
  await Promise.all(uploads);
});

test("a failed upload gives its slot back", async () => {
  const slots = createUploadSlots(1);
  await expect(slots.run("a", () => Promise.reject(new RangeError("bug")))).rejects.toThrow("bug");
  expect(await slots.run("b", async () => accepted)).toEqual(accepted);
});
