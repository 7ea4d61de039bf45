import { parseRoundNumber, parseSessionNumber, parseTaskId } from "@sotto/base";
import { expect, test } from "vitest";
import { isSamePosition, type Position } from "./position.ts";

const here: Position = { task: parseTaskId("heart"), round: parseRoundNumber(2), session: parseSessionNumber(0) };

test("a position is the same only in task, round and session alike", () => {
  expect(isSamePosition(here, { ...here })).toBe(true);
  expect(isSamePosition(here, { ...here, task: parseTaskId("lungs") })).toBe(false);
  expect(isSamePosition(here, { ...here, round: parseRoundNumber(3) })).toBe(false);
  expect(isSamePosition(here, { ...here, session: parseSessionNumber(1) })).toBe(false);
});
