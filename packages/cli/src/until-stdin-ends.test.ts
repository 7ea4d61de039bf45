import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { untilStdinEnds } from "./until-stdin-ends.ts";

test("the end of standard input is a stop, and what it holds is not", async () => {
  const stdin = new PassThrough();
  const signal = untilStdinEnds(stdin, new AbortController().signal);
  stdin.write("bytes nobody reads");
  expect(signal.aborted).toBe(false);
  const stopped = new Promise((resolve) => signal.addEventListener("abort", resolve));
  stdin.end();
  await stopped;
});

test("the signal that was given still stops", () => {
  const stop = new AbortController();
  const signal = untilStdinEnds(new PassThrough(), stop.signal);
  stop.abort();
  expect(signal.aborted).toBe(true);
});
