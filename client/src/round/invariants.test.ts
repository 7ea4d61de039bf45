import { parseDigest, parseRoundNumber } from "@sotto/base";
import { expect, test } from "vitest";
import type { Mark } from "../guard/position-guard.ts";
import { recordedRound } from "../testing/recorded-round.ts";
import type { Effect } from "./effect.ts";
import type { EventKind } from "./event.ts";
import { assertInvariants, invariants, type Move } from "./invariants.ts";
import { type Step, secretsIn } from "./moves.ts";
import type { State } from "./state.ts";
import { step } from "./step.ts";

const { world, steps } = recordedRound();

/** The move that the recorded client made on the first event of a kind. */
function moveOn(kind: EventKind): Move {
  const taken = steps.find(({ event }) => event.kind === kind);
  if (taken === undefined) throw new Error(`nothing of kind ${kind} happened`);
  return taken;
}

/** The recorded state before the first event of a kind, stood down. */
function standDownBefore(kind: EventKind): Move {
  const { before } = moveOn(kind);
  const { position } = world.peer;
  const event = { kind: "stand-down", position, reason: "test", retryAfterMs: 0, at: world.now, seed: world.seed() } as const;
  return { before, event, next: step(before, event) };
}

function withNext({ before, event, next }: Move, change: Partial<Step>): Move {
  return { before, event, next: { ...next, ...change } };
}

function withEffects(move: Move, change: (effects: readonly Effect[]) => readonly Effect[]): Move {
  return withNext(move, { effects: change(move.next.effects) });
}

function without(kind: Effect["kind"]): (effects: readonly Effect[]) => readonly Effect[] {
  return (effects) => effects.filter((effect) => effect.kind !== kind);
}

function forgetting(state: State): State {
  return { ...state, memory: { ...state.memory, marks: new Map() } };
}

function effectOn(kind: EventKind, effect: Effect["kind"]): Effect {
  return moveOn(kind).next.effects.find((made) => made.kind === effect)!;
}

/** One doctored move for each invariant, in their order. */
const doctored: readonly (() => Move)[] = [
  () => withNext(moveOn("share-keys"), { state: moveOn("train").next.state }),
  () => withNext(standDownBefore("mask"), { consumed: [] }),
  () => withNext(moveOn("attest"), { consumed: secretsIn(moveOn("attest").next.state) }),
  () => withNext(moveOn("share-keys"), { state: forgetting(moveOn("share-keys").next.state) }),
  () => {
    const move = moveOn("advertise");
    return { ...move, before: { ...move.before, memory: move.next.state.memory } };
  },
  () => {
    const move = moveOn("mask");
    return { ...move, before: { ...move.before, memory: move.next.state.memory } };
  },
  () => withEffects(moveOn("mask"), (effects) => effects.map((effect) => (effect.kind === "mask" ? { ...effect, cohortSize: 2 } : effect))),
  () => withEffects(moveOn("mask"), without("poll")),
  () => withEffects(moveOn("share-keys"), (effects) => [...effects, effectOn("attest", "submit")]),
  () => withEffects(moveOn("share-keys"), (effects) => [...effects, effectOn("reveal", "submit")]),
  () => {
    const submission = { kind: "withdrawal", position: world.peer.position, reason: "policy: test" } as const;
    return withEffects(moveOn("share-keys"), (effects) => [...effects, { kind: "submit", submission }]);
  },
  () =>
    withEffects(moveOn("computed"), (effects) => {
      const position = { ...world.peer.position, round: parseRoundNumber(99) };
      return [...effects, { kind: "submit", submission: { kind: "ready", position } }];
    }),
  () => withEffects(standDownBefore("share-keys"), without("drop")),
  () => {
    const move = moveOn("attest");
    const { marks } = move.before.memory;
    return withNext(move, { state: { ...move.next.state, memory: { ...move.next.state.memory, marks } } });
  },
];

/** More moves that break the last invariant, by what they send without remembering it. */
const unremembered: Readonly<Record<string, Move>> = {
  "an offer taken up": sent("computed", (mark) => ({ ...mark, offered: { ...mark.offered, round: parseRoundNumber(2) } })),
  "a session entered": sent("share-keys", (mark) => ({ ...mark, entered: null })),
  "an update uploaded": sent("masked", (mark) => ({ ...mark, spentRound: 2 })),
  "other survivors than those signed": sent("attest", (mark) => {
    return { ...mark, attested: { ...mark.attested!, survivorsDigest: parseDigest("ab".repeat(32)) } };
  }),
  "shares revealed": sent("reveal", (mark) => ({ ...mark, attested: null })),
};

/** The move on the first event of a kind, with other marks on both sides of it. */
function sent(kind: EventKind, change: (mark: Mark) => Mark): Move {
  const { before, event, next } = moveOn(kind);
  const marks = new Map([...next.state.memory.marks].map(([task, mark]) => [task, change(mark)]));
  const marked = (state: State): State => ({ ...state, memory: { ...state.memory, marks } });
  return { before: { ...before, memory: { ...before.memory, marks: new Map() } }, event, next: { ...next, state: marked(next.state) } };
}

test.each(Object.keys(unremembered))("what is sent must be remembered: %s", (what) => {
  expect(() => assertInvariants(unremembered[what]!)).toThrow("14: ");
});

test("the moves of a round that goes well break no invariant", () => {
  for (const move of steps) assertInvariants(move);
});

test.each(invariants.map(({ claim }, index) => [claim, index] as const))("a move that breaks it is caught: %s", (claim, index) => {
  const move = doctored[index]!();
  expect(invariants.find(({ holds }) => !holds(move))?.claim).toBe(claim);
  expect(() => assertInvariants(move)).toThrow(claim);
});

test("invariants are numbered in order, and each has its doctored move", () => {
  expect(doctored).toHaveLength(invariants.length);
  for (const [index, { claim }] of invariants.entries()) expect(claim.startsWith(`${index + 1}: `)).toBe(true);
});
