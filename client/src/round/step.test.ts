import { parseRoundNumber, parseSessionNumber, parseTaskId } from "@sotto/base";
import type { Position } from "@sotto/protocol";
import { expect, test } from "vitest";
import type { MachineWorld } from "../testing/machine-world.ts";
import { recordedRound } from "../testing/recorded-round.ts";
import type { Event } from "./event.ts";
import type { Phase, State } from "./state.ts";
import { step } from "./step.ts";
import { transitions } from "./transition.ts";

const otherTask = parseTaskId("another");

function positionsAround({ task, round, session }: Position): readonly Position[] {
  return [
    { task, round, session },
    { task, round: parseRoundNumber(round - 1), session },
    { task, round: parseRoundNumber(round + 1), session },
    { task, round, session: parseSessionNumber(session + 1) },
    { task: otherTask, round, session },
  ];
}

/** The same event, at every position around its own. */
function variants(event: Event): readonly Event[] {
  if (!("position" in event)) return [event];
  return positionsAround(event.position).map((position) => {
    if (event.kind !== "advertise") return { ...event, position };
    return { ...event, position, context: { ...event.context, round: position.round, session: position.session } };
  });
}

/** What does not happen in a round where all goes well. */
function mishaps(world: MachineWorld): readonly Event[] {
  const { position } = world.peer;
  const at = world.now;
  const instruction = { at, seed: world.seed() };
  const refusal = { kind: "refused", code: "wrong-phase", message: "not now" } as const;
  const sent = ["ready", "advert", "shares", "upload", "attestation", "reveal", "withdrawal"] as const;
  return [
    { kind: "unchanged", ...instruction },
    { kind: "idle", retryAfterMs: 5_000, ...instruction },
    { kind: "stand-down", position, reason: "too slow", retryAfterMs: 5_000, ...instruction },
    { kind: "roster", position, bytes: new Uint8Array(3), at },
    { kind: "failed", position, during: "compute", code: "internal", at },
    ...sent.flatMap((about): readonly Event[] => [
      { kind: "answered", position, about, answer: { kind: "stale", round: 9 }, at },
      { kind: "answered", position, about, answer: refusal, at },
      { kind: "undelivered", position, about, at },
    ]),
    { kind: "deadline", position, at },
    { kind: "stopped", at },
  ];
}

test("the table of transitions says exactly where each event leads from each phase", () => {
  const { world, steps } = recordedRound();
  const events = steps.map(({ event }) => event);
  const states: readonly State[] = [...steps.map(({ before }) => before), steps.at(-1)!.next.state];
  const reached = new Map<string, Set<Phase>>();
  for (const state of states) {
    for (const event of [...events, ...mishaps(world)].flatMap(variants)) {
      const cell = `${state.phase} × ${event.kind}`;
      const phases = reached.get(cell) ?? new Set();
      reached.set(cell, phases.add(step(state, event).state.phase));
    }
  }
  const table = Object.entries(transitions).flatMap(([phase, row]) =>
    Object.entries(row).map(([kind, phases]): [string, readonly Phase[]] => [`${phase} × ${kind}`, phases]),
  );
  for (const [cell, phases] of table) expect([cell, [...(reached.get(cell) ?? [])].sort()]).toEqual([cell, [...phases].sort()]);
});
