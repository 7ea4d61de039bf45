import { after, parseRoundNumber, parseSessionNumber } from "@sotto/base";
import type { Position } from "@sotto/protocol";
import { expect, test } from "vitest";
import { type Machine, MachineWorld } from "../testing/machine-world.ts";
import { marksOfRound, type NewestMark } from "../testing/newest-mark.ts";
import { assertNothingTwice } from "../testing/over-all-lives.ts";
import { firstOf, instructionOf, noticesOf, runUntil, withdrawalCode } from "../testing/reading-steps.ts";
import type { Phase } from "./state.ts";

const inSession: readonly (readonly [Phase, string])[] = [
  ["keying", "no-session"],
  ["sharing", "no-session"],
  ["attesting", "no-session"],
  ["revealing", "already-signed"],
];

test.each(inSession)("a client restarted while %s withdraws from the session it holds nothing of: %s", (phase, code) => {
  const world = new MachineWorld({ clients: 5 });
  const machine = firstOf(world);
  runUntil(world, machine, phase);
  world.restart(machine);
  expect(withdrawalCode(world.instruct(machine))).toBe(code);
});

/** Five clients and a round of them that went well. */
const world = new MachineWorld({ clients: 5 });
world.finish();
const files = world.saves.filter(({ client }) => client === firstOf(world).client);

/** The first client, killed when its file of marks was the one of this name, and started again. */
function killedAt(save: NewestMark): Machine {
  const machine = firstOf(world);
  expect(files).toHaveLength(marksOfRound.length);
  machine.disk = files[marksOfRound.indexOf(save)]!.disk;
  world.restart(machine);
  return machine;
}

const deaths = marksOfRound.flatMap((name, savesBefore) =>
  (["before-save", "after-save"] as const).map((when) => [name, when, { when, savesBefore }] as const),
);

test.each(deaths)(
  "a client that dies as it remembers %s (%s) masks once and signs once, however often the round is offered again",
  (...death) => {
    const lives = new MachineWorld({ clients: 4 });
    firstOf(lives).dying = death[2];
    for (let attempt = 0; attempt < 3; attempt++) {
      lives.finish();
      lives.peer.offerAgain();
      // The others help the coordinator: they forget, so that every attempt gets as far as the first client lets it.
      for (const other of lives.machines.slice(1)) {
        other.disk = null;
        lives.restart(other);
      }
    }
    expect(firstOf(lives).dying).toBeNull();
    assertNothingTwice(lives, [firstOf(lives).client]);
  },
);

/** The same position in another session of its round. */
function inSessionOf({ task, round }: Position, session: number): Position {
  return { task, round: parseRoundNumber(round), session: parseSessionNumber(session) };
}

/** What a restarted client says to an offer of the same round, by what it remembers. */
const toSameRound: Readonly<Record<NewestMark, readonly [string | null, string | null]>> = {
  offered: [null, null],
  roster: [null, null],
  entered: ["replay", null],
  spent: ["replay", "spent"],
  signed: ["replay", "spent"],
  left: ["replay", "spent"],
};

test.each(marksOfRound)("a client that was killed once it remembered %s takes up no more than that allows", (save) => {
  const codes = [0, 1].map((session) => {
    const machine = killedAt(save);
    const { position, ...train } = instructionOf(world, "train");
    return withdrawalCode(world.instruct(machine, { ...train, position: inSessionOf(position, session) }));
  });
  expect(codes).toEqual(toSameRound[save]);
});

test.each([1, 2])("a spent round binds the client also when its session %i is advertised at once", (number) => {
  const machine = killedAt("spent");
  const { position, context, ...advertise } = instructionOf(world, "advertise");
  const session = parseSessionNumber(number);
  const again = { ...advertise, position: inSessionOf(position, number), context: { ...context, session } };
  expect(withdrawalCode(world.instruct(machine, again))).toBe("spent");
});

test("whoever signed survivors is not asked for others after a restart", () => {
  const machine = killedAt("signed");
  const step = world.instruct(machine, instructionOf(world, "attest"));
  expect(withdrawalCode(step)).toBe("already-signed");
});

test("the sessions that a round may have are counted over restarts", () => {
  const world = new MachineWorld({ clients: 5, policy: { maxSessionsPerRound: 2 } });
  const machine = firstOf(world);
  const { position, ...train } = instructionOf(world, "train");
  const codes = [0, 1, 2].map((session) => {
    world.restart(machine);
    world.instruct(machine, { ...train, position: inSessionOf(position, session) });
    while (machine.pending.some(({ kind }) => kind !== "submit")) world.perform(machine);
    const { context } = world.peer;
    const at = inSessionOf(position, session);
    return withdrawalCode(world.instruct(machine, { kind: "advertise", position: at, context: { ...context, session: at.session } }));
  });
  expect(codes).toEqual([null, null, "policy"]);
});

test("a roster below the last one accepted is refused after a restart too", () => {
  const world = new MachineWorld({ clients: 5 });
  const machine = firstOf(world);
  const { federation, digest } = world.federation.roster;
  machine.state = { ...machine.state, memory: { ...machine.state.memory, seenRoster: { federation, digest, version: 2 } } };
  world.instruct(machine);
  world.restart(machine);
  world.peer.nextRound();
  world.instruct(machine);
  expect(machine.state).toMatchObject({ phase: "training", work: { kind: "checking" } });
  const { position } = world.peer;
  const step = world.step(machine, { kind: "roster", position, bytes: world.federation.rosterBytes, at: world.now });
  expect(withdrawalCode(step)).toBe("roster-rollback");
});

test.each(["in a round", "between rounds"] as const)("the gap between rounds holds for a client killed %s", (where) => {
  const world = new MachineWorld({ clients: 5, policy: { minRoundGapSeconds: 60 } });
  const machine = firstOf(world);
  if (where === "in a round") runUntil(world, machine, "training");
  else world.finish();
  world.now = after(world.now, 30_000);
  world.restart(machine);
  world.peer.nextRound();
  expect(withdrawalCode(world.instruct(machine))).toBe("policy");
  // One killed between rounds left the last one 30 s ago; one killed in a round leaves it as it starts again.
  world.now = after(world.now, where === "in a round" ? 59_000 : 29_000);
  world.peer.nextRound();
  expect(withdrawalCode(world.instruct(machine))).toBe("policy");
  world.now = after(world.now, 1_000);
  world.peer.nextRound();
  expect(withdrawalCode(world.instruct(machine))).toBeNull();
});

test("a clock that was set back does not shut a client out: the gap is counted from then", () => {
  const world = new MachineWorld({ clients: 5, policy: { minRoundGapSeconds: 60 } });
  const machine = firstOf(world);
  world.finish();
  world.now = after(world.now, -365 * 86_400_000);
  world.restart(machine);
  world.peer.nextRound();
  expect(noticesOf(world.instruct(machine))).toContainEqual(
    expect.objectContaining({ refusal: { code: "policy", message: "a round 0 s after the last must come after minRoundGapSeconds 60" } }),
  );
  world.restart(machine);
  world.now = after(world.now, 60_000);
  world.peer.nextRound();
  expect(withdrawalCode(world.instruct(machine))).toBeNull();
});
