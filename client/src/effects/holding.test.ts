import { FlError } from "@sotto/base";
import { toUpdate } from "@sotto/vector";
import { expect, test } from "vitest";
import type { LocalContribution } from "../update/prepare.ts";
import { createHolding } from "./holding.ts";

function contribution(): LocalContribution {
  const metrics = { rows: 1, lossSum: 1, correct: 1, positives: [], negatives: [] };
  return { update: toUpdate(new Float32Array([1, 2])), weight: 1, metrics };
}

test("a contribution is given up once: it cannot be masked a second time", () => {
  const holding = createHolding();
  const kept = contribution();
  holding.keep(kept);
  expect(holding.giveUp()).toBe(kept);
  expect(() => holding.giveUp()).toThrow(FlError);
});

test("what is dropped is wiped and forgotten", () => {
  const holding = createHolding();
  const kept = contribution();
  holding.keep(kept);
  holding.drop();
  expect([...kept.update!]).toEqual([0, 0]);
  expect(() => holding.giveUp()).toThrow(FlError);
  expect(() => holding.packed()).toThrow(FlError);
});
