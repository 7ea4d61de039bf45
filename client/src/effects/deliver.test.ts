import { FlError, utf8, VirtualClock } from "@sotto/base";
import { seededRng, sha256 } from "@sotto/crypto";
import type { Answer } from "@sotto/protocol";
import { expect, test } from "vitest";
import { keepingLogger } from "../testing/keeping-logger.ts";
import { deliver } from "./deliver.ts";

/** Gives the answers in turn, the last one for ever. */
function sender(...answers: readonly (Answer | FlError)[]): { send: () => Promise<Answer>; calls: () => number } {
  let calls = 0;
  return {
    calls: () => calls,
    async send() {
      const answer = answers[Math.min(calls++, answers.length - 1)];
      if (answer === undefined || answer instanceof FlError) throw answer ?? new FlError("internal", "no answer");
      return answer;
    },
  };
}

function ports(clock: VirtualClock, signal: AbortSignal = new AbortController().signal): Parameters<typeof deliver>[1] {
  return { clock, rng: seededRng(sha256(utf8("jitter"))), signal, logger: keepingLogger() };
}

test.each<Answer>([
  { kind: "accepted" },
  { kind: "duplicate" },
  { kind: "stale", round: 4 },
  { kind: "refused", code: "bad-signature", message: "not signed" },
])("an answer that settles the matter is given back: %o", async (answer) => {
  const clock = new VirtualClock();
  const { send, calls } = sender(answer);
  expect(await deliver("advert", ports(clock), send)).toEqual(answer);
  expect(calls()).toBe(1);
});

test("a message is sent again after a lost connection, a full house, and as late as it is asked to be", async () => {
  const clock = new VirtualClock();
  const started = clock.now();
  const { send, calls } = sender(
    new FlError("unavailable", "lost"),
    { kind: "not-now", retryAfterMs: 20_000 },
    { kind: "refused", code: "no-upload-slot", message: "full" },
    { kind: "duplicate" },
  );
  expect(await clock.run(deliver("upload", ports(clock), send))).toEqual({ kind: "duplicate" });
  expect(calls()).toBe(4);
  expect(clock.now() - started).toBeGreaterThanOrEqual(20_000);
});

test("a message is not sent for ever", async () => {
  const clock = new VirtualClock();
  const { send, calls } = sender({ kind: "not-now", retryAfterMs: 1 });
  expect(await clock.run(deliver("advert", ports(clock), send))).toBeNull();
  expect(calls()).toBe(30);
});

test("a message that will never pass is given up at once, and an abort gives up any", async () => {
  const clock = new VirtualClock();
  const forbidden = sender(new FlError("permission-denied", "no"));
  expect(await clock.run(deliver("advert", ports(clock), forbidden.send))).toBeNull();
  expect(forbidden.calls()).toBe(1);
  const controller = new AbortController();
  const lost = sender(new FlError("unavailable", "lost"));
  const delivery = deliver("advert", ports(clock, controller.signal), lost.send);
  controller.abort();
  expect(await delivery).toBeNull();
});
