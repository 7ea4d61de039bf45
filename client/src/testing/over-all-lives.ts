import { type ClientId, toHex } from "@sotto/base";
import { expect } from "vitest";
import { isAtLeast } from "../guard/position-guard.ts";
import type { Effect } from "../round/effect.ts";
import type { Remembered } from "../round/state.ts";
import type { MachineWorld } from "./machine-world.ts";

/**
 * Of each of `clients`, over all lives of its process: no round's update is masked twice, no two survivor sets of a session are signed,
 * and what is on its disk only goes up.
 */
export function assertNothingTwice(world: MachineWorld, clients: readonly ClientId[]): void {
  for (const client of clients) {
    const effects = world.steps.filter((taken) => taken.client === client).flatMap(({ next }) => next.effects);
    assertMasksOnce(effects);
    assertSignsOnce(effects);
    assertRemembersUpwards(world, client);
  }
}

function assertMasksOnce(effects: readonly Effect[]): void {
  const masked = effects.flatMap((effect) => (effect.kind === "mask" ? [`${effect.position.task} ${effect.position.round}`] : []));
  expect([...new Set(masked)]).toEqual(masked);
}

/** A second signature of a session is the same one again. */
function assertSignsOnce(effects: readonly Effect[]): void {
  const signatures = new Map<string, string>();
  for (const effect of effects) {
    if (effect.kind !== "submit" || effect.submission.kind !== "attestation") continue;
    const { position } = effect.submission;
    const session = `${position.task} ${position.round} ${position.session}`;
    const signature = toHex(effect.submission.signature);
    expect(signatures.get(session) ?? signature).toBe(signature);
    signatures.set(session, signature);
  }
}

function assertRemembersUpwards(world: MachineWorld, client: ClientId): void {
  let before: Remembered | null = null;
  for (const saved of world.saves) {
    if (saved.client !== client) continue;
    const remembered: Remembered | null = world.remembered(saved);
    for (const [task, mark] of before?.marks ?? []) expect(isAtLeast(remembered?.marks.get(task), mark)).toBe(true);
    expect(remembered?.seenRoster?.version ?? 0).toBeGreaterThanOrEqual(before?.seenRoster?.version ?? 0);
    before = remembered;
  }
}
