import { type ClientId, parseRoundNumber, parseTaskId } from "@sotto/base";
import type { Position } from "@sotto/protocol";
import { expect, test } from "vitest";
import { answersTo, expectCommitted, phaseMs, playRound, type RoundScript } from "./coordinated-round.ts";
import { hospitals, victim } from "./hospitals.ts";
import type { Misdeeds, Puppet } from "./puppet.ts";
import { type Order, without } from "./relayed.ts";

// Who withholds, leaves, or comes too late. Of seven clients four shares rebuild a secret.

const silent = async (): Promise<void> => undefined;

async function leave(puppet: Puppet): Promise<void> {
  puppet.disconnect();
}

function allOf(clients: readonly ClientId[], misdeeds: Misdeeds): RoundScript["misdeeds"] {
  return new Map(clients.map((client) => [client, misdeeds]));
}

test.each([
  ["withhold their shares", { reveal: silent }],
  ["disconnect when they are asked for their shares", { reveal: leave }],
] as const)("three holders that %s cost nobody the round: the shares of the other four open the sum of all seven", async (_, misdeeds) => {
  const outcome = await playRound({ misdeeds: allOf(hospitals.slice(0, 3), misdeeds) });
  expectCommitted(outcome, hospitals);
});

test("four holders that withhold their shares are named by the round that is abandoned for want of them", async () => {
  const outcome = await playRound({ misdeeds: allOf(hospitals.slice(0, 4), { reveal: silent }) });
  expect(outcome.committed).toBeNull();
  expect(outcome.abandoned?.missing).toEqual(hospitals.slice(0, 4));
});

test("two clients that leave after they dealt shares are not in the sum, and the others' sum is exact", async () => {
  const gone = hospitals.slice(1, 3);
  const outcome = await playRound({ misdeeds: allOf(gone, { mask: leave }) });
  expectCommitted(outcome, without(hospitals, ...gone));
});

test("a client that leaves after it sent its contribution is in the sum", async () => {
  const outcome = await playRound({ misdeeds: allOf([victim], { attest: leave }) });
  expectCommitted(outcome, hospitals);
});

test("a message of an earlier phase that counted counts once: duplicate", async () => {
  const attest = async (puppet: Puppet, order: Order<"attest">): Promise<void> => {
    await puppet.submit({ kind: "ready", position: order.position });
    await puppet.act(order);
  };
  const outcome = await playRound({ misdeeds: allOf([victim], { attest }) });
  expect(answersTo(outcome, victim)[4]).toBe("duplicate");
  expectCommitted(outcome, hospitals);
});

test("shares that are dealt after their phase are nobody's: stale", async () => {
  const share = async (puppet: Puppet, order: Order<"share-keys">): Promise<void> => {
    await puppet.wait(phaseMs + 500);
    await puppet.act(order);
  };
  const outcome = await playRound({ misdeeds: allOf([victim], { "share-keys": share }), late: "upload" });
  expect(answersTo(outcome, victim)).toEqual(["accepted", "accepted", "stale"]);
  expectCommitted(outcome, without(hospitals, victim));
});

/** Positions that the round is not at, and what a message there is answered. */
const elsewhere: readonly (readonly [string, (position: Position) => Position, string])[] = [
  ["of a round that has not begun", (position) => ({ ...position, round: parseRoundNumber(position.round + 1) }), "unknown-position"],
  ["of another task", (position) => ({ ...position, task: parseTaskId("another.1") }), "unknown-task"],
];

test.each(elsewhere)("a message %s changes nothing", async (_, move, code) => {
  const outcome = await playRound({
    misdeeds: allOf([victim], {
      reveal: async (puppet, order) => {
        const reveal = puppet.revealed(order.request);
        await puppet.submit({ kind: "reveal", position: move(order.position), reveal });
      },
    }),
    late: "reveal",
  });
  expect(answersTo(outcome, victim).at(-1)).toBe(code);
  expectCommitted(outcome, hospitals);
});

test("a message of a round that is over is stale", async () => {
  const outcome = await playRound({
    misdeeds: allOf([victim], {
      reveal: async (puppet, order) => {
        const reveal = puppet.revealed(order.request);
        await puppet.wait(15_000);
        await puppet.submit({ kind: "reveal", position: order.position, reveal });
      },
    }),
  });
  expect(answersTo(outcome, victim).at(-1)).toBe("stale");
  expectCommitted(outcome, hospitals);
});
