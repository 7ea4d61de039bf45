import { type ClientId, FlError } from "@sotto/base";
import { describe, expect, test } from "vitest";
import type { Reply } from "../testing/peer.ts";
import { RoundWorld } from "../testing/round-world.ts";
import { tinyDigest, tinyFederation, tinySetup, tinySpec } from "../testing/tiny-task.ts";
import type { EventKind, Happening } from "./event.ts";
import { type Phase, phases } from "./state.ts";
import { transitions, type Verdict } from "./transition.ts";

const federation = tinyFederation(4);
const setup = tinySetup(federation, tinySpec({ cohort: { ...tinySpec().cohort, count: { min: 3, goal: 3, max: 4 } } }));
const asked = federation.clients.slice(0, 3);
const [first, , , newcomer] = federation.clients as [ClientId, ClientId, ClientId, ClientId];
const stages = phases.slice(0, 6);

/** A round in this phase in which nobody has answered yet, and what `first` said in every phase before. */
function worldIn(phase: Phase): { readonly world: RoundWorld; readonly said: ReadonlyMap<Phase, Reply> } {
  const world = new RoundWorld(federation, setup, { asked });
  world.isReleaseHeld = true;
  const said = new Map<Phase, Reply>();
  for (const stage of stages) {
    if (world.state.phase === phase) return { world, said };
    const replies = asked.map((client) => [client, world.ask(client)] as const);
    said.set(stage, replies[0]![1]!);
    for (const [client, reply] of replies) if (reply !== null) world.say(client, reply);
  }
  if (phase === "ended") world.performRelease();
  return { world, said };
}

/** What `first` says in each phase of a complete round: peers are deterministic, so it is the same in every world. */
const everything = worldIn("ended").said;

const messagePhase: Readonly<Partial<Record<EventKind, Phase>>> = {
  ready: "selecting",
  advert: "keying",
  shares: "sharing",
  "contribution-arrived": "collecting",
  attestation: "attesting",
  reveal: "unmasking",
};

function eventFor(kind: EventKind, world: RoundWorld, said: ReadonlyMap<Phase, Reply>): Happening {
  const stage = messagePhase[kind];
  if (stage !== undefined) {
    const now = world.state.phase === stage ? world.ask(first) : null;
    return world.wordOf(first, now ?? said.get(stage) ?? everything.get(stage)!);
  }
  const others: Readonly<Partial<Record<EventKind, Happening>>> = {
    invited: { kind: "invited", client: newcomer },
    polled: { kind: "polled", client: first, cursor: world.peer(first).cursor },
    lost: { kind: "lost", client: first },
    withdrawal: { kind: "withdrawal", client: first, reason: "maintenance" },
    tick: { kind: "tick" },
    stop: { kind: "stop", reason: "stopped" },
    released: { kind: "released", modelDigest: tinyDigest("next"), metrics: null, weight: 1 },
    failed: { kind: "failed", reason: "no disk", evidence: null },
  };
  return others[kind]!;
}

/** Steps once and holds what happened to the verdict of the table. */
function check(verdict: Verdict, kind: EventKind, { world, said }: ReturnType<typeof worldIn>): void {
  const event = eventFor(kind, world, said);
  const before = world.state;
  if (verdict === "bug") {
    expect(() => world.step(event)).toThrow(FlError);
    return;
  }
  const answer = world.step(event);
  const after = world.state;
  const expectations: Readonly<Record<Exclude<Verdict, "bug">, () => void>> = {
    take: () => {
      expect(answer).toEqual({ kind: "accepted" });
      expect(after.asked.get(first)?.answered).toBe(before.phase);
    },
    late: () => {
      expect(answer).toEqual({ kind: "duplicate" });
      expect(after).toBe(before);
    },
    early: () => {
      expect(answer).toMatchObject({ kind: "refused", code: "wrong-phase" });
      expect(after).toBe(before);
    },
    presence: () => {
      expect(answer).toEqual(kind === "withdrawal" ? { kind: "accepted" } : null);
      const one = after.asked.get(first);
      expect(one?.present).toBe(kind !== "lost");
      expect(one?.drop).toEqual(kind === "withdrawal" ? { phase: before.phase, reason: "withdrew: maintenance" } : null);
    },
    join: () => expect(after.asked.get(newcomer)).toMatchObject({ present: true, answered: null, drop: null }),
    wait: () => expect(after).toBe(before),
    abandon: () => expect(after).toMatchObject({ phase: "ended", result: { kind: "abandoned" } }),
    commit: () => expect(after).toMatchObject({ phase: "ended", result: { kind: "committed", survivors: asked } }),
    over: () => {
      expect(answer).toEqual({ kind: "stale", round: 1 });
      expect(after).toBe(before);
    },
    ignore: () => {
      expect(answer).toBeNull();
      expect(after).toBe(before);
    },
  };
  expectations[verdict]();
}

describe.each(phases)("in %s", (phase) => {
  const row = Object.entries(transitions[phase]) as [EventKind, Verdict][];
  test.each(row)("the event %s is met with: %s", (kind, verdict) => {
    const at = worldIn(phase);
    expect(at.world.state.phase).toBe(phase);
    check(verdict, kind, at);
  });
});

test("every phase has a verdict for every event", () => {
  const kinds = Object.keys(transitions.selecting).sort();
  for (const phase of phases) expect(Object.keys(transitions[phase]).sort()).toEqual(kinds);
});
