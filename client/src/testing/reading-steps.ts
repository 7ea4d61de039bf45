import { FlError } from "@sotto/base";
import type { Instruction, Submission } from "@sotto/protocol";
import type { Notice } from "../round/effect.ts";
import type { Step } from "../round/moves.ts";
import type { Phase } from "../round/state.ts";
import type { Machine, MachineWorld } from "./machine-world.ts";

/** Runs stage after stage until the machine is in `phase`. @throws FlError `internal` when it never is */
export function runUntil(world: MachineWorld, machine: Machine, phase: Phase): void {
  for (let stage = 0; stage < 8; stage++) {
    world.settle();
    if (machine.state.phase === phase) return;
    world.peer.closeStage();
  }
  throw new FlError("internal", `the machine is ${machine.state.phase} and never ${phase}`);
}

/** The first client's machine. */
export function firstOf(world: MachineWorld): Machine {
  return world.machines[0]!;
}

/** What a step submits. */
export function submissionsOf({ effects }: Step): readonly Submission[] {
  return effects.flatMap((effect) => (effect.kind === "submit" ? [effect.submission] : []));
}

/** What a step tells the owner. */
export function noticesOf({ effects }: Step): readonly Notice[] {
  return effects.flatMap((effect) => (effect.kind === "notice" ? [effect.notice] : []));
}

/** The code a step withdrew with; null when it did not. */
export function withdrawalCode(step: Step): string | null {
  for (const submission of submissionsOf(step)) {
    if (submission.kind === "withdrawal") return /^([a-z-]+): ./.exec(submission.reason)?.[1] ?? "no code";
  }
  return null;
}

/** The first instruction of a kind that was given in the world, or that the peer has for the first client now. */
export function instructionOf<K extends Instruction["kind"]>(world: MachineWorld, kind: K): Extract<Instruction, { kind: K }> {
  const now = world.peer.instruct(firstOf(world).client);
  const isWanted = (instruction: Instruction): instruction is Extract<Instruction, { kind: K }> => instruction.kind === kind;
  const found = [now, ...world.given].find(isWanted);
  if (found === undefined) throw new FlError("internal", `nobody was ever asked to ${kind}`);
  return found;
}
