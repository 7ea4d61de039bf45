import type { ClientId } from "@sotto/base";
import { expect } from "vitest";
import { type Attacked, AttackedFederation } from "./attacked-federation.ts";
import { hospitals, victim } from "./hospitals.ts";
import { expectAtMostOneSum } from "./privacy.ts";
import { type Stage, without } from "./relayed.ts";
import type { Lies } from "./scripted-coordinator.ts";

/** A lie to the victim, and what is promised of it. */
interface Attack extends Attacked {
  readonly lies: Lies;
  /** The stage at which the victim refuses; the others are played to it as well, and no further. */
  readonly at: Stage;
  /** The code it refuses with. */
  readonly code: string;
}

/** Runs `body` in a federation under attack, then judges all that its coordinator heard. */
export async function underAttack(attacked: Attacked, body: (federation: AttackedFederation) => Promise<void>): Promise<void> {
  const federation = new AttackedFederation(attacked);
  try {
    await body(federation);
    expectAtMostOneSum(federation);
  } finally {
    await federation.close();
  }
}

/** Plays a session with the lie: the victim alone refuses, by name, and sends nothing else from then on; at most one sum opens. */
export async function expectRefused({ lies, at, code, ...attacked }: Attack): Promise<void> {
  await underAttack(attacked, async (federation) => {
    await federation.coordinator.play({ lies, through: at });
    expectLeft(federation, victim, code);
    expect(federation.refusing).toEqual([victim]);
  });
}

/** As {@link expectRefused}, and the session goes on to its end: the others do all that they are asked for without the victim. */
export async function expectOthersDone({ lies, code, ...attacked }: Omit<Attack, "at">): Promise<void> {
  await underAttack(attacked, async (federation) => {
    await federation.coordinator.play({ lies });
    expectLeft(federation, victim, code);
    const others = without(hospitals, victim);
    expect(others.filter((client) => federation.doneBy(client).length === 1)).toEqual(others);
  });
}

/** The client refused with this code, and all it sent since it was lied to is that it leaves. */
export function expectLeft(federation: AttackedFederation, client: ClientId, code: string): void {
  expect(federation.refusalsOf(client)).toEqual([code]);
  const since = federation.coordinator.heardSinceLie(client);
  expect(since.map(({ kind }) => kind)).toEqual(["withdrawal"]);
}

/** Every client refused with this code, and nothing opens. */
export function expectAllLeft(federation: AttackedFederation, code: string): void {
  expect(hospitals.map((client) => federation.refusalsOf(client))).toEqual(hospitals.map(() => [code]));
}

/** A table of lies as test cases: what is told, the code it is refused with, and the lie. */
export function cases<Lie>(
  table: Readonly<Record<string, readonly [Lie, string]>>,
): readonly (readonly [name: string, code: string, lie: Lie])[] {
  return Object.entries(table).map(([name, [lie, code]]) => [name, code, lie]);
}
