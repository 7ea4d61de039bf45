import type { ClientId } from "@sotto/base";
import type { TaskSpec } from "@sotto/protocol";
import { expect } from "vitest";
import type { Phase, RoundState } from "../round/state.ts";
import type { Lie } from "./lies.ts";
import { RoundWorld } from "./round-world.ts";
import { tinyFederation, tinySetup, tinySpec } from "./tiny-task.ts";

/** A round in its world, and everybody in it. */
export interface RoundScene {
  readonly world: RoundWorld;
  readonly clients: readonly ClientId[];
}

/** A round of `count` clients of which some lie, by their index. */
export function worldOf(count: number, change: Partial<TaskSpec> = {}, lies: Readonly<Record<number, Lie>> = {}): RoundScene {
  const federation = tinyFederation(count);
  const { clients } = federation;
  const liars = new Map(Object.entries(lies).map(([index, lie]) => [clients[Number(index)]!, lie]));
  return { world: new RoundWorld(federation, tinySetup(federation, tinySpec(change)), { lies: liars }), clients };
}

/** Everybody takes turns until the phase begins. */
export function advance(world: RoundWorld, clients: readonly ClientId[], phase: Phase): void {
  for (let turns = 0; world.state.phase !== phase && turns < 10; turns++) world.turns(clients);
  expect(world.state.phase).toBe(phase);
}

/** What came of the round; its phase while it runs. */
export function resultOf(state: RoundState): unknown {
  return state.phase === "ended" ? state.result : state.phase;
}

/** Who was convicted of what. */
export function keptIn(world: RoundWorld): readonly string[] {
  return world.effects.flatMap((effect) => (effect.kind === "keep-evidence" ? [`${effect.evidence.accused} ${effect.evidence.kind}`] : []));
}
