import { expect, test } from "vitest";
import { type Outcome, ok, refused } from "./outcome.ts";
import { after, instant } from "./time.ts";

test("an outcome is told apart by its kind", () => {
  const outcomes: readonly Outcome<number>[] = [ok(3), refused("too-few", "2 clients are below the minimum 3")];
  expect(outcomes.map((outcome) => (outcome.kind === "ok" ? outcome.value : outcome.refusal.code))).toEqual([3, "too-few"]);
});

test("an instant moves by milliseconds", () => {
  expect(after(instant(1_000), 250)).toBe(1_250);
});
