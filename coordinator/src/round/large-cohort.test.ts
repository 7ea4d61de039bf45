import { aggregateErrorBound } from "@sotto/vector";
import { expect, test } from "vitest";
import { RoundWorld } from "../testing/round-world.ts";
import { tinyFederation, tinySetup, tinySpec } from "../testing/tiny-task.ts";
import type { Phase } from "./state.ts";

const federation = tinyFederation(140);
const { clients } = federation;
const setup = tinySetup(
  federation,
  tinySpec({
    aggregation: { cohortSizeMin: 100, gamma: 0.05, delta: 0.1, samplingRate: null },
    cohort: { ...tinySpec().cohort, count: { min: 120, goal: 140, max: 140 } },
  }),
);

/** Who vanishes when told what to do in each phase: of 140 clients 14 may drop after keying. */
const lost: Readonly<Partial<Record<Phase, readonly number[]>>> = {
  sharing: [0, 70, 139],
  collecting: [1, 71, 138],
  attesting: [2, 72, 137],
  unmasking: [3, 73, 136],
};

test("a cohort of 140 clients, each with its own few holders, opens the sum of its survivors though some are lost in every phase", () => {
  const liar = clients[10]!;
  const world = new RoundWorld(federation, setup, { lies: new Map([[liar, "false-share"]]) });
  const gone = new Set<number>();
  for (const phase of ["selecting", "keying", "sharing", "collecting", "attesting", "unmasking"] as const) {
    expect(world.state.phase).toBe(phase);
    for (const index of lost[phase] ?? []) gone.add(index);
    for (const [index, client] of clients.entries()) {
      if (gone.has(index)) world.step({ kind: "lost", client });
      else world.turn(client);
    }
  }
  world.wait(10_000);
  const outOfSum = [...(lost.sharing ?? []), ...(lost.collecting ?? [])];
  const survivors = clients.filter((_, index) => !outOfSum.includes(index));
  expect(world.state).toMatchObject({ phase: "ended", result: { kind: "committed", survivors } });
  // Client i has (i + 1) / 100 in each of three coordinates, clipped to norm 1.
  const mean =
    survivors.reduce((sum, client) => sum + Math.min(1 / Math.sqrt(3), (clients.indexOf(client) + 1) / 100), 0) / survivors.length;
  const { weight } = world.outcome!;
  expect(weight).toBeCloseTo(100 * survivors.length, 2);
  const bound = aggregateErrorBound({ rule: setup.spec.contribution, survivors: survivors.length, weight });
  for (const value of world.outcome!.model) expect(Math.abs(value - mean)).toBeLessThanOrEqual(bound + 1e-6);
  const kept = world.effects.flatMap((effect) => (effect.kind === "keep-evidence" ? [effect.evidence] : []));
  expect(kept).toMatchObject([{ accused: liar, kind: "false-share" }]);
}, 120_000);
