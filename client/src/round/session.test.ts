import { after, parseSessionNumber, toHex } from "@sotto/base";
import { sha256Digest } from "@sotto/crypto";
import { signRoster } from "@sotto/identity";
import { encodePlan, type Instruction, type Plan } from "@sotto/protocol";
import { sampledOf } from "@sotto/secagg";
import { expect, test } from "vitest";
import { MachineWorld } from "../testing/machine-world.ts";
import { testPlan } from "../testing/plan.ts";
import { firstOf, instructionOf, noticesOf, runUntil, submissionsOf, withdrawalCode } from "../testing/reading-steps.ts";
import { type Step, secretsIn } from "./moves.ts";
import type { Phase, State } from "./state.ts";

const inSession: readonly Phase[] = ["keying", "sharing", "attesting", "revealing"];

test("five machines come to the weighted mean of their updates", () => {
  const world = new MachineWorld({ clients: 5 });
  world.finish();
  const { result } = world.peer;
  expect(result?.weight).toBeCloseTo(500, 3);
  expect(result?.scalars.slice(0, 1)).toEqual([50]);
  for (const value of result?.updateMean ?? []) expect(value).toBeCloseTo(0.03, 3);
  expect(world.machines.map(({ state }) => state.phase)).toEqual(Array(5).fill("ended"));
});

test("an evaluation sends metrics and no update", () => {
  const world = new MachineWorld({ clients: 5, plan: { purpose: "evaluate" } });
  world.contributionOf = () => {
    const metrics = { rows: 10, lossSum: 5, correct: 8, positives: [], negatives: [] };
    return { update: null, weight: 10, metrics };
  };
  world.finish();
  expect(world.peer.result?.updateMean).toBeNull();
  expect(world.peer.result?.scalars[0]).toBe(50);
});

test.each(inSession)("an instruction repeated while %s is answered with the same bytes", (phase) => {
  const world = new MachineWorld({ clients: 5 });
  const machine = firstOf(world);
  runUntil(world, machine, phase);
  const sent = world.steps.findLast(
    ({ client, next }) => client === machine.client && next.state.phase === phase && sends(next).length > 0,
  );
  const repeated = world.instruct(machine, world.peer.instruct(machine.client));
  expect(sends(repeated)).toEqual(sends(sent!.next));
  expect(repeated.state.phase).toBe(phase);
});

function sends({ effects }: Step): readonly unknown[] {
  return effects.filter(({ kind }) => kind === "submit" || kind === "upload");
}

test("before anything masked left, another session of the round starts with new keys and the same update", () => {
  const world = new MachineWorld({ clients: 5 });
  const machine = firstOf(world);
  runUntil(world, machine, "sharing");
  const keys = new Set(secretsIn(machine.state).map(toHex));
  world.peer.nextSession();
  const step = world.instruct(machine);
  expect(submissionsOf(step).map(({ kind }) => kind)).toEqual(["advert"]);
  expect(secretsIn(machine.state).some((secret) => keys.has(toHex(secret)))).toBe(false);
  world.finish();
  for (const value of world.peer.result?.updateMean ?? [Number.NaN]) expect(value).toBeCloseTo(0.03, 3);
});

test.each(["attesting", "revealing", "ended"] as const)("once it is masked (%s), an update is never masked again", (phase) => {
  const world = new MachineWorld({ clients: 5 });
  const machine = firstOf(world);
  runUntil(world, machine, phase);
  world.peer.nextSession();
  expect(withdrawalCode(world.instruct(machine))).toBe("spent");
  const { position, ...train } = instructionOf(world, "train");
  const again = { ...train, position: { ...position, session: parseSessionNumber(2) } };
  expect(withdrawalCode(world.instruct(machine, again))).toBe("spent");
});

test.each(["training", ...inSession] as const)("a stand-down while %s wipes everything and leads to waiting", (phase) => {
  const world = new MachineWorld({ clients: 5 });
  const machine = firstOf(world);
  runUntil(world, machine, phase);
  const secrets = secretsIn(machine.state);
  const step = world.instruct(machine, { kind: "stand-down", position: world.peer.position, reason: "too slow", retryAfterMs: 5_000 });
  expect(step.state.phase).toBe("waiting");
  expect(secrets.every((secret) => secret.every((byte) => byte === 0))).toBe(true);
  expect(step.effects).toContainEqual({ kind: "drop", what: "round" });
  expect(step.effects.at(-1)).toMatchObject({ kind: "poll", notBefore: after(world.now, 5_000) });
});

test("a replayed offer of a lower round is refused", () => {
  const world = new MachineWorld({ clients: 5 });
  world.peer.nextRound();
  world.finish();
  const { position, ...train } = instructionOf(world, "train");
  const lower = { ...train, position: { ...position, round: position.round - 1 } } as Instruction;
  expect(withdrawalCode(world.instruct(firstOf(world), lower))).toBe("replay");
});

test("a plan outside the policy is refused with every bound it breaks", () => {
  const plan = { contribution: { clipNorm: 5_000, weightMax: 1_000, quantisationBits: 28 } };
  const world = new MachineWorld({ clients: 5, plan });
  const step = world.instruct(firstOf(world));
  const [withdrawal] = submissionsOf(step);
  expect(withdrawal).toMatchObject({
    kind: "withdrawal",
    reason: "policy: clipNorm 5000 must be from 0.001 to 1000; quantisationBits 28 must be from 8 to 24",
  });
  expect(step.state).toMatchObject({ phase: "ended", ending: { kind: "withdrew", code: "policy" } });
});

test("a cohort below the policy's floor is refused although the plan allows it", () => {
  const world = new MachineWorld({ clients: 5, policy: { minCohort: 3 } });
  const machine = firstOf(world);
  world.settle(world.machines.slice(0, 4));
  world.peer.closeStage();
  world.settle(world.machines.slice(0, 4));
  world.peer.closeStage();
  const strict = { ...machine.state, self: { ...machine.state.self, policy: { ...machine.state.self.policy, minCohort: 5 } } } as State;
  machine.state = strict;
  expect(withdrawalCode(world.instruct(machine))).toBe("policy");
});

test("a session of another model than the one trained on is refused", () => {
  const world = new MachineWorld({ clients: 5 });
  runUntil(world, firstOf(world), "training");
  world.peer.closeStage();
  const instruction = instructionOf(world, "advertise");
  const context = { ...instruction.context, modelDigest: instruction.context.planDigest };
  expect(withdrawalCode(world.instruct(firstOf(world), { ...instruction, context }))).toBe("context-mismatch");
});

test("a round has as many sessions as the policy grants", () => {
  const world = new MachineWorld({ clients: 5, policy: { maxSessionsPerRound: 2 } });
  const machine = firstOf(world);
  runUntil(world, machine, "keying");
  world.peer.nextSession();
  expect(withdrawalCode(world.instruct(machine))).toBeNull();
  world.peer.nextSession();
  expect(withdrawalCode(world.instruct(machine))).toBe("policy");
});

test("a new round in the middle of a session wipes it and is taken up", () => {
  const world = new MachineWorld({ clients: 5 });
  const machine = firstOf(world);
  runUntil(world, machine, "sharing");
  const secrets = secretsIn(machine.state);
  world.peer.nextRound();
  const step = world.instruct(machine);
  expect(step.state).toMatchObject({ phase: "training", work: { kind: "computing" } });
  expect(secrets.every((secret) => secret.every((byte) => byte === 0))).toBe(true);
});

test("few peers are told, every session below ten and none from ten on", () => {
  for (const [clients, told] of [
    [9, 1],
    [10, 0],
  ] as const) {
    const world = new MachineWorld({ clients });
    world.finish();
    const own = world.steps.filter(({ client }) => client === firstOf(world).client).flatMap(({ next }) => noticesOf(next));
    expect(own.filter((notice) => notice.kind === "few-peers" && notice.cohortSize === clients)).toHaveLength(told);
  }
});

test("a round that lasts too long is left", () => {
  const world = new MachineWorld({ clients: 5, policy: { maxRoundSeconds: 60 } });
  const machine = firstOf(world);
  const offered = world.instruct(machine);
  const { position } = world.peer;
  expect(offered.effects).toContainEqual({ kind: "wake", position, at: after(world.now, 60_000) });
  expect(withdrawalCode(world.step(machine, { kind: "deadline", position, at: after(world.now, 60_000) }))).toBe("round-too-long");
});

test("rounds that follow too soon are refused", () => {
  const world = new MachineWorld({ clients: 5, policy: { minRoundGapSeconds: 60 } });
  world.finish();
  world.peer.nextRound();
  expect(withdrawalCode(world.instruct(firstOf(world)))).toBe("policy");
  world.now = after(world.now, 60_000);
  world.peer.nextRound();
  expect(withdrawalCode(world.instruct(firstOf(world)))).toBeNull();
});

test("a coordinator that refuses a message ends the round for the client; a late answer does not", () => {
  const world = new MachineWorld({ clients: 5 });
  const machine = firstOf(world);
  runUntil(world, machine, "sharing");
  const answer = { kind: "refused", code: "bad-signature", message: "not signed" } as const;
  const { position } = world.peer;
  world.step(machine, { kind: "answered", position, about: "advert", answer, at: world.now });
  expect(machine.state.phase).toBe("sharing");
  const step = world.step(machine, { kind: "answered", position, about: "shares", answer, at: world.now });
  expect(step.state).toMatchObject({ phase: "ended", ending: { kind: "turned-away", code: "bad-signature" } });
  expect(withdrawalCode(step)).toBeNull();
});

test("what failed here is told without the words of the failure", () => {
  const world = new MachineWorld({ clients: 5 });
  const machine = firstOf(world);
  world.instruct(machine);
  world.perform(machine);
  const { position } = world.peer;
  const step = world.step(machine, { kind: "failed", position, during: "compute", code: "invalid-argument", at: world.now });
  expect(submissionsOf(step)).toMatchObject([
    { reason: "local-failure: computing the contribution failed with invalid-argument; why is in this client's log" },
  ]);
});

test.each([
  ["roster-rollback", { version: 1 }],
  ["roster-rollback", { version: 2 }],
  ["roster-expired", { version: 3, expiresAt: 5 }],
  ["not-enrolled", { version: 3, clients: [] }],
] as const)("a later roster is refused as %s", (code, change) => {
  const world = new MachineWorld({ clients: 5 });
  const machine = firstOf(world);
  const { roster, authoritySecretKey } = world.federation;
  machine.state = {
    ...machine.state,
    memory: {
      ...machine.state.memory,
      seenRoster: { ...roster, version: 2, digest: sha256Digest(roster.clients[0]!.verificationKey) },
    },
  };
  const bytes = signRoster({ ...roster, ...(change as object) }, authoritySecretKey);
  expect(withdrawalCode(offerWithRoster(world, bytes))).toBe(code);
});

function offerWithRoster(world: MachineWorld, bytes: Uint8Array): Step {
  const machine = firstOf(world);
  world.instruct(machine, { ...instructionOf(world, "train"), rosterDigest: sha256Digest(bytes) });
  return world.step(machine, { kind: "roster", position: world.peer.position, bytes, at: world.now });
}

test("the first poll, an idle coordinator and one that repeats itself are polled at a bearable rate", () => {
  const world = new MachineWorld({ clients: 5 });
  const machine = firstOf(world);
  const pauseAfter = (instruction: Instruction): number => {
    const poll = world.instruct(machine, instruction).effects.at(-1);
    return poll?.kind === "poll" ? poll.notBefore - world.now : Number.NaN;
  };
  expect(pauseAfter({ kind: "unchanged" })).toBe(100);
  expect(pauseAfter({ kind: "idle", retryAfterMs: 0 })).toBe(100);
  expect(pauseAfter({ kind: "idle", retryAfterMs: 86_400_000 })).toBe(3_600_000);
  expect(pauseAfter(instructionOf(world, "train"))).toBe(0);
  expect(pauseAfter(instructionOf(world, "train"))).toBe(1_000);
});

test("a plan that was changed on the way is another plan", () => {
  const world = new MachineWorld({ clients: 5 });
  const machine = firstOf(world);
  const training = { ...world.plan.training, batchSize: 9 };
  world.instruct(machine, { ...instructionOf(world, "train"), plan: encodePlan(testPlan({ training })) });
  world.settle();
  world.peer.closeStage();
  expect(withdrawalCode(world.instruct(machine))).toBe("context-mismatch");
});

/** A plan whose rounds ask only the clients that the sample names. */
function sampledPlan(samplingRate: number): Partial<Plan> {
  return { aggregation: { ...testPlan().aggregation, samplingRate } };
}

test("in a plan with a sampling rate exactly the clients that the sample names take part", () => {
  const world = new MachineWorld({ clients: 12, plan: sampledPlan(0.6) });
  const draw = { modelDigest: sha256Digest(world.model), round: world.peer.position.round, samplingRate: 0.6 };
  world.finish();
  const sampled = sampledOf(draw, world.federation.clients);
  expect(sampled.length).toBeLessThan(12);
  expect(world.peer.withdrawals.map(({ client, reason }) => [client, reason.split(":")[0]])).toEqual(
    world.federation.clients.filter((client) => !sampled.includes(client)).map((client) => [client, "not-sampled"]),
  );
  expect(world.peer.result?.scalars[0]).toBe(10 * sampled.length);
});

test("a cohort that leaves out too many of the sample is refused", () => {
  const world = new MachineWorld({ clients: 8, plan: sampledPlan(1) });
  const present = world.machines.slice(0, 5);
  for (let stage = 0; stage < 2; stage++) {
    world.settle(present);
    world.peer.closeStage();
  }
  expect(withdrawalCode(world.instruct(firstOf(world)))).toBe("too-few-sampled");
});
