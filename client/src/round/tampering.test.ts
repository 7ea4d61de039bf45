import { memberIndices, membersOf } from "@sotto/base";
import type { Instruction } from "@sotto/protocol";
import { expect, test } from "vitest";
import { MachineWorld } from "../testing/machine-world.ts";
import { firstOf, instructionOf, runUntil, withdrawalCode } from "../testing/reading-steps.ts";
import { type Step, secretsIn } from "./moves.ts";
import type { Phase } from "./state.ts";

/** A coordinator that lies to the first client, once, while that is in a phase. */
interface Lie {
  readonly phase: Phase;
  readonly tell: (world: MachineWorld) => Instruction;
  readonly code: string;
}

function without<T>(list: readonly T[], index: number): readonly T[] {
  return list.filter((_, i) => i !== index);
}

/** SECAGG 2.13; each check has its own tests in `secagg`, this is that the client acts on it. */
const lies: Readonly<Record<string, Lie>> = {
  "a cohort below the floor": {
    phase: "keying",
    tell: (world) => ({ ...instructionOf(world, "share-keys"), adverts: instructionOf(world, "share-keys").adverts.slice(0, 2) }),
    code: "policy",
  },
  "a cohort without this client": {
    phase: "keying",
    tell: (world) => ({ ...instructionOf(world, "share-keys"), adverts: instructionOf(world, "share-keys").adverts.slice(1) }),
    code: "self-missing",
  },
  "a peer's key swapped": {
    phase: "keying",
    tell: (world) => {
      const instruction = instructionOf(world, "share-keys");
      const [own, peer, ...others] = instruction.adverts;
      return { ...instruction, adverts: [own!, { ...peer!, maskKey: new Uint8Array(32).fill(9) }, ...others] };
    },
    code: "bad-signature",
  },
  "a share withheld": {
    phase: "sharing",
    tell: (world) => {
      const instruction = instructionOf(world, "mask");
      return { ...instruction, request: { ...instruction.request, dealt: without(instruction.request.dealt, 0) } };
    },
    code: "missing-share",
  },
  "too few dealers": {
    phase: "sharing",
    tell: (world) => {
      const instruction = instructionOf(world, "mask");
      return { ...instruction, request: { dealers: membersOf(5, [0, 1]), dealt: instruction.request.dealt.slice(0, 1) } };
    },
    code: "too-few-dealers",
  },
  "this client declared dropped": {
    phase: "attesting",
    tell: (world) => {
      const instruction = instructionOf(world, "attest");
      const survivors = membersOf(
        5,
        memberIndices(instruction.request.survivors).filter((index) => index !== 0),
      );
      return { ...instruction, request: { ...instruction.request, survivors } };
    },
    code: "self-missing",
  },
  "a neighbour's header withheld": {
    phase: "revealing",
    tell: (world) => {
      const instruction = instructionOf(world, "reveal");
      expect(instruction.request.headers.length).toBeGreaterThan(0);
      return { ...instruction, request: { ...instruction.request, headers: without(instruction.request.headers, 0) } };
    },
    code: "missing-header",
  },
  "no quorum": {
    phase: "revealing",
    tell: (world) => {
      const instruction = instructionOf(world, "reveal");
      return { ...instruction, request: { ...instruction.request, signatures: without(instruction.request.signatures, 0) } };
    },
    code: "too-few-signatures",
  },
  "one signer twice": {
    phase: "revealing",
    tell: (world) => {
      const instruction = instructionOf(world, "reveal");
      const { signatures, headers } = instruction.request;
      return { ...instruction, request: { headers, signatures: [signatures[1]!, ...without(signatures, 0)] } };
    },
    code: "duplicate-signer",
  },
};

/** What the client does about a lie, with the secrets it held before. */
function lieTo({ phase, tell }: Lie): { readonly step: Step; readonly secrets: readonly Uint8Array[] } {
  const world = new MachineWorld({ clients: 5 });
  const machine = firstOf(world);
  runUntil(world, machine, phase);
  world.peer.closeStage();
  const secrets = secretsIn(machine.state);
  return { step: world.instruct(machine, tell(world)), secrets };
}

test.each(Object.keys(lies))("told of %s, a client reveals nothing, wipes, and withdraws with the name of the check", (name) => {
  const lie = lies[name]!;
  const { step, secrets } = lieTo(lie);
  expect(withdrawalCode(step)).toBe(lie.code);
  expect(step.state).toMatchObject({ phase: "ended", ending: { kind: "withdrew", code: lie.code } });
  expect(secrets.length).toBeGreaterThan(0);
  expect(secrets.every((secret) => secret.every((byte) => byte === 0))).toBe(true);
  expect(step.effects.filter(({ kind }) => kind === "submit" || kind === "upload" || kind === "mask")).toHaveLength(1);
});
