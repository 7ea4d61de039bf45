import { FlError, type FlErrorCode, utf8, VirtualClock } from "@sotto/base";
import { seededRng, sha256 } from "@sotto/crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { backoffMs, isTransient, type RetryRule, retrying } from "./retry.ts";

const rule: RetryRule = { attemptsMax: 6, baseMs: 100, capMs: 1_000 };
const rng = () => seededRng(sha256(utf8("jitter")));

test("a pause is anywhere from nothing to the doubled base, and never above the cap", () => {
  fc.assert(
    fc.property(fc.nat(5_000), fc.uint8Array({ minLength: 4, maxLength: 4 }), (attempt, bytes) => {
      const pauseMs = backoffMs(rule, attempt, { bytes: () => bytes });
      expect(pauseMs).toBeGreaterThanOrEqual(0);
      expect(pauseMs).toBeLessThan(Math.min(1_000, 100 * 2 ** attempt));
    }),
  );
});

test("the jitter is full: pauses of many clients spread evenly over the whole range", () => {
  const source = rng();
  const pauses = Array.from({ length: 2_000 }, () => backoffMs(rule, 10, source));
  const lower = pauses.filter((pauseMs) => pauseMs < 500).length;
  // Binomial(2000, 1/2): outside 1000 ± 150 once in 10^11; the seed is fixed.
  expect(Math.abs(lower - 1_000)).toBeLessThan(150);
});

test("a call is made again until it succeeds", async () => {
  const clock = new VirtualClock();
  let calls = 0;
  const call = async (): Promise<string> => {
    calls++;
    if (calls < 4) throw new FlError("unavailable", "not yet");
    return "there";
  };
  const failures: number[] = [];
  const ports = { clock, rng: rng(), signal: new AbortController().signal };
  const result = retrying(rule, ports, call, (_, attempt) => failures.push(attempt));
  expect(await clock.run(result)).toBe("there");
  expect(failures).toEqual([0, 1, 2]);
});

test("attempts are bounded, and an error that cannot pass is not tried again", async () => {
  const clock = new VirtualClock();
  const ports = { clock, rng: rng(), signal: new AbortController().signal };
  for (const [code, expected] of [
    ["unavailable", 6],
    ["permission-denied", 1],
  ] as const) {
    let calls = 0;
    const call = async (): Promise<never> => {
      calls++;
      throw new FlError(code, "no");
    };
    await expect(clock.run(retrying(rule, ports, call))).rejects.toMatchObject({ code });
    expect(calls).toBe(expected);
  }
});

test("an abort ends the pause and the retries", async () => {
  const clock = new VirtualClock();
  const controller = new AbortController();
  const ports = { clock, rng: { bytes: () => new Uint8Array(4).fill(255) }, signal: controller.signal };
  const result = retrying({ ...rule, baseMs: 1_000 }, ports, () => Promise.reject(new FlError("unavailable", "no")));
  const started = clock.now();
  queueMicrotask(() => controller.abort());
  await expect(clock.run(result)).rejects.toMatchObject({ code: "cancelled" });
  expect(clock.now()).toBe(started);
});

test.each<[FlErrorCode, boolean]>([
  ["unavailable", true],
  ["deadline-exceeded", true],
  ["unauthenticated", false],
  ["permission-denied", false],
  ["unimplemented", false],
  ["not-found", false],
])("%s is worth another attempt: %s", (code, expected) => {
  expect(isTransient(new FlError(code, "test"))).toBe(expected);
});
