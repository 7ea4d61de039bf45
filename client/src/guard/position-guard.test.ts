import { type Digest, type Outcome, parseDigest, parseRoundNumber, parseSessionNumber, parseTaskId } from "@sotto/base";
import type { Position } from "@sotto/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  attestedAt,
  isAtLeast,
  isBefore,
  isSpent,
  type Marks,
  markAttested,
  markEntered,
  markedTasksMax,
  markOffered,
  markSpent,
} from "./position-guard.ts";

function at(round: number, session: number, task = "heart"): Position {
  return { task: parseTaskId(task), round: parseRoundNumber(round), session: parseSessionNumber(session) };
}

const positions = fc.tuple(fc.integer({ min: 1, max: 5 }), fc.nat(3)).map(([round, session]) => at(round, session));
const verbs = ["offer", "enter", "spend", "attest"] as const;
const move = fc.tuple(fc.constantFrom(...verbs), positions);

function apply(marks: Marks, [verb, position]: readonly [(typeof verbs)[number], Position]): Marks | null {
  if (verb === "spend") return markSpent(marks, position);
  if (verb === "attest") return marksOf(markAttested(marks, position, digestOf(position.session)));
  return marksOf(verb === "offer" ? markOffered(marks, position) : markEntered(marks, position));
}

function marksOf(marked: Outcome<Marks>): Marks | null {
  return marked.kind === "ok" ? marked.value : null;
}

test("whatever is asked, no mark goes down, no session is entered twice, none below one entered, and none is offered of a spent round", () => {
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
        for (const [task, mark] of marks) expect(next === null || isAtLeast(next.get(task), mark)).toBe(true);
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

test("a session of a round whose update was masked is refused as spent, a lower one as a replay", () => {
  const offered = markOffered(new Map(), at(3, 1));
  if (offered.kind === "refused") throw new Error("the first offer is taken");
  const marks = markSpent(offered.value, at(3, 1));
  expect(markOffered(marks, at(3, 2))).toMatchObject({ refusal: { code: "spent", message: "the update of round 3 was masked already" } });
  expect(markOffered(marks, at(3, 0))).toMatchObject({ refusal: { code: "replay" } });
  expect(markOffered(marks, at(4, 0))).toMatchObject({ kind: "ok" });
});

test("a round that was never offered is not entered", () => {
  expect(markEntered(new Map(), at(1, 0))).toMatchObject({ refusal: { code: "replay" } });
});

test("a client keeps marks of so many tasks and takes up no further one", () => {
  const marks: Marks = new Map(
    Array.from({ length: markedTasksMax }, (_, i) => [
      parseTaskId(`task-${i}`),
      { offered: at(1, 0), entered: null, spentRound: 0, attested: null },
    ]),
  );
  expect(markOffered(marks, at(1, 0, "one-more"))).toMatchObject({
    refusal: { code: "policy", message: "the client has marks of 4096 tasks and keeps at most 4096" },
  });
  expect(markOffered(marks, at(2, 0, "task-3"))).toMatchObject({ kind: "ok" });
});

function digestOf(byte: number): Digest {
  return parseDigest(byte.toString(16).padStart(2, "0").repeat(32));
}

test("one survivor set of a session is signed, and none of a session before it: also not the same set again", () => {
  const entered = markOffered(new Map(), at(2, 0));
  if (entered.kind === "refused") throw new Error("the first offer is taken");
  const signed = markAttested(entered.value, at(2, 1), digestOf(1));
  if (signed.kind === "refused") throw new Error("the first survivors are signed");
  expect(attestedAt(signed.value, at(2, 1))).toEqual({ round: 2, session: 1, survivorsDigest: digestOf(1) });
  for (const [position, digest] of [
    [at(2, 1), digestOf(2)],
    [at(2, 1), digestOf(1)],
    [at(2, 0), digestOf(2)],
    [at(1, 5), digestOf(2)],
  ] as const) {
    expect(markAttested(signed.value, position, digest)).toMatchObject({
      refusal: {
        code: "already-signed",
        message: expect.stringContaining(`survivors ${digestOf(1)} of round 2 session 1 are signed already`),
      },
    });
  }
  for (const position of [at(2, 0), at(2, 2), at(1, 1), at(2, 1, "lung")]) expect(attestedAt(signed.value, position)).toBeNull();
  expect(markAttested(signed.value, at(2, 2), digestOf(2))).toMatchObject({ kind: "ok" });
});
