import { after } from "@sotto/base";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Machine, MachineWorld } from "../testing/machine-world.ts";
import { assertNothingTwice } from "../testing/over-all-lives.ts";

/** What can be done to a world: each names a client and a number that picks among what is there. */
const acts = {
  poll: (world, machine) => void world.instruct(machine),
  perform: (world, machine, pick) => void world.perform(machine, pick % Math.max(1, machine.pending.length)),
  lose: (world, machine) => void world.lose(machine),
  settle: (world) => world.settle(),
  closeStage: (world) => void (world.peer.isOver || world.peer.closeStage()),
  nextSession: (world) => world.peer.nextSession(),
  nextRound: (world) => world.peer.nextRound(),
  offerAgain: (world) => world.peer.offerAgain(),
  standDown: (world, machine) =>
    void world.instruct(machine, { kind: "stand-down", position: world.peer.position, reason: "test", retryAfterMs: 0 }),
  idle: (world, machine) => void world.instruct(machine, { kind: "idle", retryAfterMs: 0 }),
  replay: (world, machine, pick) => {
    const given = world.given[pick % Math.max(1, world.given.length)];
    if (given !== undefined) world.instruct(machine, given);
  },
  restart: (world, machine) => world.restart(machine),
  die: (_world, machine, pick) => {
    machine.dying = { when: pick % 2 === 0 ? "before-save" : "after-save", savesBefore: pick % 3 };
  },
  stop: (world, machine) => void world.step(machine, { kind: "stopped", at: world.now }),
  deadline: (world, machine) => void world.step(machine, { kind: "deadline", position: world.peer.position, at: world.now }),
  wait: (world, _machine, pick) => {
    world.now = after(world.now, 1_000 * pick);
  },
} satisfies Record<string, (world: MachineWorld, machine: Machine, pick: number) => void>;

type Act = keyof typeof acts;

/** Going on is as likely as all mishaps together, so that runs get far. */
const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 6, arbitrary: fc.constant("settle" as const) },
  { weight: 6, arbitrary: fc.constant("closeStage" as const) },
  { weight: 6, arbitrary: fc.constantFrom("poll" as const, "perform" as const) },
  { weight: 8, arbitrary: fc.constantFrom(...(Object.keys(acts) as Act[])) },
);

const script = fc.array(fc.tuple(act, fc.nat(4), fc.nat(999)), { minLength: 10, maxLength: 60 });

test("whatever happens and whenever processes die, nobody masks a round's update twice or signs two survivor sets of a session", () => {
  fc.assert(
    fc.property(script, fc.nat(), (moves, seed) => {
      const world = new MachineWorld({ clients: 5, seed });
      for (const [name, index, pick] of moves) acts[name](world, world.machines[index]!, pick);
      assertNothingTwice(world, world.federation.clients);
      assertLeavesClean(world);
    }),
    { numRuns: 100 },
  );
});

test("whatever happened before, the next round with everybody comes to the right sum", () => {
  fc.assert(
    fc.property(script, fc.nat(), (moves, seed) => {
      const world = new MachineWorld({ clients: 5, seed });
      for (const [name, index, pick] of moves) acts[name](world, world.machines[index]!, pick);
      for (const machine of world.machines) machine.dying = null;
      world.peer.nextRound();
      world.finish();
      for (const value of world.peer.result?.updateMean ?? [Number.NaN]) expect(value).toBeCloseTo(0.03, 3);
    }),
    { numRuns: 40 },
  );
});

/** Stopping wipes: all that a machine held in secret is zeros. */
function assertLeavesClean(world: MachineWorld): void {
  for (const machine of world.machines) {
    machine.dying = null;
    const { consumed } = world.step(machine, { kind: "stopped", at: world.now });
    expect(consumed.every((secret) => secret.every((byte) => byte === 0))).toBe(true);
    expect(["waiting", "ended"]).toContain(machine.state.phase);
  }
}
