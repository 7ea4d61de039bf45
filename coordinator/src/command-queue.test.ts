import { expect, test } from "vitest";
import { CommandQueue } from "./command-queue.ts";

test("commands are handled one at a time, in the order they came, also those that come while one is handled", async () => {
  const handled: number[] = [];
  const queue: CommandQueue<number, number> = new CommandQueue({
    handle: (command) => {
      handled.push(command);
      if (command === 1) void queue.submit(9);
      return command * 10;
    },
    lengthMax: 10,
  });
  expect(await Promise.all([1, 2, 3].map((command) => queue.submit(command)))).toEqual([10, 20, 30]);
  await queue.submit(4);
  expect(handled).toEqual([1, 9, 2, 3, 4]);
});

test("a command that fails fails its sender, and the next is handled", async () => {
  const queue = new CommandQueue<number, number>({
    handle: (command) => {
      if (command === 1) throw new RangeError("one");
      return command;
    },
    lengthMax: 10,
  });
  const failed = queue.submit(1);
  const next = queue.submit(2);
  await expect(failed).rejects.toThrow("one");
  expect(await next).toBe(2);
});

test("a full queue says so at once", async () => {
  const queue = new CommandQueue<number, number>({ handle: (command) => command, lengthMax: 2 });
  const accepted = [1, 2, 3].map((command) => queue.submit(command));
  await expect(queue.submit(4)).rejects.toMatchObject({ code: "resource-exhausted" });
  expect(await Promise.all(accepted)).toEqual([1, 2, 3]);
  expect(await queue.submit(5)).toBe(5);
});
