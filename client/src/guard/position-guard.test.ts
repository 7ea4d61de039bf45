import { parseRoundNumber, parseSessionNumber, parseTaskId } from "@sotto/base";
import type { Position } from "@sotto/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import { isBefore, isSpent, type Marks, markEntered, markOffered, markSpent } from "./position-guard.ts";

function at(round: number, session: number, task = "heart"): Position {
  return { task: parseTaskId(task), round: parseRoundNumber(round), session: parseSessionNumber(session) };
}

const positions = fc.tuple(fc.integer({ min: 1, max: 5 }), fc.nat(3)).map(([round, session]) => at(round, session));
const move = fc.tuple(fc.constantFrom("offer" as const, "enter" as const, "spend" as const), positions);

function apply(marks: Marks, [verb, position]: readonly ["offer" | "enter" | "spend", Position]): Marks | null {
  if (verb === "spend") return markSpent(marks, position);
  const marked = verb === "offer" ? markOffered(marks, position) : markEntered(marks, position);
  return marked.kind === "ok" ? marked.value : null;
}

test("whatever is asked, no session is entered twice, none below one entered, and none of a spent round", () => {
  fc.assert(
    fc.property(fc.array(move, { maxLength: 40 }), (moves) => {
      let marks: Marks = new Map();
      let last: Position | null = null;
      for (const [verb, position] of moves) {
        const wasSpent = isSpent(marks, position);
        const next = apply(marks, [verb, position]);
        if (next !== null && verb === "offer") expect(wasSpent).toBe(false);
        if (next !== null && verb === "enter") {
          expect(last === null || isBefore(last, position)).toBe(true);
          last = position;
        }
        marks = next ?? marks;
      }
    }),
  );
});

test("marks of one task do not bind another", () => {
  const marked = markOffered(new Map(), at(7, 0));
  if (marked.kind === "refused") throw new Error("the first offer is taken");
  expect(markOffered(marked.value, at(6, 0))).toMatchObject({ refusal: { code: "replay" } });
  expect(markOffered(marked.value, at(6, 0, "lung"))).toMatchObject({ kind: "ok" });
});

test("a round that was never offered is not entered", () => {
  expect(markEntered(new Map(), at(1, 0))).toMatchObject({ refusal: { code: "replay" } });
});

test("a client keeps marks of 1024 tasks and takes up no further one", () => {
  let marks: Marks = new Map();
  for (let i = 0; i < 1024; i++) {
    const marked = markOffered(marks, at(1, 0, `task-${i}`));
    if (marked.kind === "ok") marks = marked.value;
  }
  expect(marks.size).toBe(1024);
  expect(markOffered(marks, at(1, 0, "one-more"))).toMatchObject({ refusal: { code: "policy" } });
  expect(markOffered(marks, at(2, 0, "task-3"))).toMatchObject({ kind: "ok" });
});
