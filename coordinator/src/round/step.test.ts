import { assert, describe, expect, test } from "vitest";
import type { Reply } from "../testing/peer.ts";
import { advance, keptIn, resultOf, worldOf } from "../testing/round-scene.ts";
import { tinyFederation, tinySpec } from "../testing/tiny-task.ts";
import { instructionFor } from "./instruction.ts";
import type { Phase } from "./state.ts";

const waitingPhases = ["selecting", "keying", "sharing", "collecting", "attesting", "unmasking"] as const;

describe("an honest round", () => {
  test("commits the weighted mean of five updates, phase after phase", () => {
    const { world, clients } = worldOf(5);
    for (const phase of waitingPhases) {
      expect(world.state.phase).toBe(phase);
      world.turns(clients);
    }
    expect(resultOf(world.state)).toMatchObject({ kind: "committed", survivors: clients });
    expect(world.outcome?.weight).toBeCloseTo(500, 3);
    for (const value of world.outcome?.model ?? []) expect(value).toBeCloseTo(0.03, 3);
    expect(world.outcome?.metrics).toMatchObject({ rows: 50, accuracy: 0.8 });
  });

  test("goes on from selecting as soon as the goal is reached, leaving the others out", () => {
    const { world, clients } = worldOf(6);
    world.turns(clients.slice(0, 5));
    expect(world.state.phase).toBe("keying");
    expect(world.state.asked.get(clients[5]!)?.drop).toEqual({ phase: "selecting", reason: "was still training" });
    expect(instructionFor(world.state, clients[5]!, null)).toMatchObject({ kind: "stand-down", reason: "was still training" });
  });

  test("gives newcomers the minimal time, then goes on with everyone who is there", () => {
    const { world, clients } = worldOf(4);
    world.turns(clients);
    expect(world.state.phase).toBe("selecting");
    world.wait(1_000);
    expect(world.state.phase).toBe("keying");
  });

  test("goes on at the deadline with the clients that are ready", () => {
    const { world, clients } = worldOf(4);
    world.turns(clients.slice(0, 3));
    world.wait(59_999);
    expect(world.state.phase).toBe("selecting");
    world.wait(1);
    expect(world.state.phase).toBe("keying");
  });
});

describe("clients that drop", () => {
  test.each(waitingPhases)("one lost in %s is not waited for, and the sum is that of the others", (phase) => {
    const { world, clients } = worldOf(5);
    advance(world, clients, phase);
    world.step({ kind: "lost", client: clients[4]! });
    for (let turns = 0; turns < 8; turns++) {
      world.turns(clients.slice(0, 4));
      world.wait(turns === 0 ? 1_000 : 0);
    }
    const isInSum = phase === "attesting" || phase === "unmasking";
    const survivors = isInSum ? clients : clients.slice(0, 4);
    expect(resultOf(world.state)).toMatchObject({ kind: "committed", survivors });
    for (const value of world.outcome?.model ?? []) expect(value).toBeCloseTo(isInSum ? 0.03 : 0.025, 3);
  });

  test("one that is silent holds a phase to its deadline and no longer", () => {
    const { world, clients } = worldOf(5);
    advance(world, clients, "collecting");
    world.turns(clients.slice(1));
    world.wait(9_999);
    expect(world.state.phase).toBe("collecting");
    world.wait(1);
    expect(world.state.phase).toBe("attesting");
    expect(world.state.asked.get(clients[0]!)?.drop).toEqual({ phase: "collecting", reason: "did not answer in time" });
  });

  test("one whose connection comes back in time goes on where it was", () => {
    const { world, clients } = worldOf(5);
    advance(world, clients, "sharing");
    world.step({ kind: "lost", client: clients[0]! });
    world.turns(clients);
    expect(world.state.phase).toBe("collecting");
    world.turns(clients);
    world.turns(clients);
    world.turns(clients);
    expect(resultOf(world.state)).toMatchObject({ kind: "committed", survivors: clients });
  });

  test("one that was ready and is lost when selecting closes is out", () => {
    const { world, clients } = worldOf(4);
    world.turns(clients);
    world.step({ kind: "lost", client: clients[3]! });
    world.wait(1_000);
    expect(world.state.phase).toBe("keying");
    expect(world.state.asked.get(clients[3]!)?.drop).toEqual({ phase: "selecting", reason: "connection lost" });
    world.turns(clients.slice(0, 3));
    expect(world.state.phase).toBe("sharing");
  });

  test("one that withdraws is not waited for, and its reason is kept", () => {
    const { world, clients } = worldOf(5);
    advance(world, clients, "keying");
    expect(world.step({ kind: "withdrawal", client: clients[2]!, reason: "plan too weak" })).toEqual({ kind: "accepted" });
    expect(world.step({ kind: "withdrawal", client: clients[2]!, reason: "plan too weak" })).toEqual({ kind: "duplicate" });
    world.turns(clients.filter((client) => client !== clients[2]));
    expect(world.state.phase).toBe("sharing");
    expect(instructionFor(world.state, clients[2]!, null)).toMatchObject({ kind: "stand-down", reason: "withdrew: plan too weak" });
  });

  test("one that was restarted in a session is stood down once", () => {
    const { world, clients } = worldOf(5);
    advance(world, clients, "sharing");
    world.peer(clients[1]!).restart();
    expect(world.ask(clients[1]!)).toBeNull();
    const { cursor } = world.peer(clients[1]!);
    expect(cursor?.kind).toBe("stand-down");
    expect(instructionFor(world.state, clients[1]!, cursor)).toEqual({ kind: "unchanged" });
    expect(world.state.asked.get(clients[1]!)?.drop?.reason).toBe("restarted and lost its session");
  });

  test("one that was restarted after its training trains again", () => {
    const { world, clients } = worldOf(4);
    world.turns(clients);
    world.peer(clients[0]!).restart();
    const reply = world.ask(clients[0]!);
    world.wait(1_000);
    expect(world.state.phase).toBe("selecting");
    expect(world.say(clients[0]!, reply!)).toEqual({ kind: "accepted" });
    expect(world.state.phase).toBe("keying");
  });
});

describe("rounds that are given up", () => {
  test("selecting with too few ready names the missing", () => {
    const { world, clients } = worldOf(4);
    world.turns(clients.slice(0, 2));
    world.wait(60_000);
    expect(resultOf(world.state)).toEqual({
      kind: "abandoned",
      reason: "too few clients: 2 were ready of at least 3",
      missing: clients.slice(2),
    });
  });

  test("when nobody is left who could become ready, the deadline is not waited for", () => {
    const { world, clients } = worldOf(3);
    for (const client of clients) world.step({ kind: "withdrawal", client, reason: "no data" });
    expect(resultOf(world.state)).toMatchObject({ kind: "abandoned" });
  });

  test.each(["keying", "sharing", "collecting", "attesting", "unmasking"] as const)(
    "too few in %s, for good, ends the round at once",
    (phase) => {
      const { world, clients } = worldOf(5);
      advance(world, clients, phase);
      for (const client of clients.slice(0, 3)) world.step({ kind: "withdrawal", client, reason: "power cut" });
      expect(resultOf(world.state)).toMatchObject({ kind: "abandoned", missing: clients });
      expect(world.outcome).toBeNull();
    },
  );

  test.each(["sharing", "collecting"] as const)("fewer than count.min in %s are never a sum, whatever the protocol could open", (phase) => {
    const { world, clients } = worldOf(5, { cohort: { ...tinySpec().cohort, count: { min: 5, goal: 5, max: 5 } } });
    advance(world, clients, phase);
    world.turns(clients.slice(1));
    world.wait(10_000);
    expect(resultOf(world.state)).toMatchObject({ kind: "abandoned", missing: [clients[0]] });
  });

  test("a sum that cannot be opened ends the round", () => {
    const { world, clients } = worldOf(3);
    world.isReleaseHeld = true;
    world.turns(clients);
    world.wait(1_000);
    advance(world, clients, "releasing");
    world.step({ kind: "failed", reason: "implausible-sum: lanes that cannot be", evidence: null });
    expect(resultOf(world.state)).toMatchObject({ kind: "abandoned", reason: "implausible-sum: lanes that cannot be" });
  });
});

describe("messages that are not as they should be", () => {
  const tampered: Readonly<Record<string, (reply: Reply) => Reply>> = {
    keying: (reply) => changed(reply, "advert", (said) => ({ ...said, advert: { ...said.advert, maskKey: flipped(said.advert.maskKey) } })),
    sharing: (reply) =>
      changed(reply, "shares", (said) => ({ ...said, bundle: { ...said.bundle, selfSeedDigest: flipped(said.bundle.selfSeedDigest) } })),
    attesting: (reply) => changed(reply, "attestation", (said) => ({ ...said, signature: flipped(said.signature) })),
    unmasking: (reply) =>
      changed(reply, "reveal", (said) => {
        const shares = said.reveal.shares.map((one) => ({ ...one, share: flipped(one.share) }));
        return { ...said, reveal: { ...said.reveal, shares } };
      }),
  };

  test.each(Object.keys(tampered))("one tampered with in %s is refused, and the true one still counts", (phase) => {
    const { world, clients } = worldOf(5);
    advance(world, clients, phase as Phase);
    const before = world.state;
    const reply = world.ask(clients[0]!)!;
    const told = world.state;
    expect(world.say(clients[0]!, tampered[phase]!(reply))).toMatchObject({ kind: "refused" });
    expect(world.state).toBe(told);
    expect(world.say(clients[0]!, reply)).toEqual({ kind: "accepted" });
    expect(world.say(clients[0]!, reply)).toEqual({ kind: "duplicate" });
    expect(world.state.phase).toBe(before.phase);
  });

  test("a second, different message is a conflict", () => {
    const { world, clients } = worldOf(5);
    advance(world, clients, "keying");
    world.turn(clients[0]!);
    const { position, context } = world.state.setup;
    const other = world.peer(clients[0]!).respond({ kind: "advertise", position, context });
    expect(world.say(clients[0]!, other!)).toMatchObject({ kind: "refused", code: "conflicting-message" });
    expect(keptIn(world)).toEqual([`${clients[0]} equivocation`]);
  });

  test("the message of one client sent by another is refused", () => {
    const { world, clients } = worldOf(5);
    advance(world, clients, "keying");
    const reply = world.ask(clients[0]!)!;
    expect(world.say(clients[1]!, reply)).toMatchObject({ kind: "refused", code: "not-a-member" });
  });

  test("a contribution of another size, or of other bytes than its header names, is not added", () => {
    const { world, clients } = worldOf(5);
    advance(world, clients, "collecting");
    const reply = world.ask(clients[0]!)!;
    assert(reply.kind === "upload", "a client in collecting uploads");
    expect(world.say(clients[0]!, { ...reply, bytes: reply.bytes.subarray(1) })).toMatchObject({ code: "wrong-lane-width" });
    expect(world.say(clients[0]!, { ...reply, bytes: flipped(reply.bytes) })).toMatchObject({ code: "digest-mismatch" });
    expect(world.effects.some((effect) => effect.kind === "accumulate")).toBe(false);
    expect(world.say(clients[0]!, reply)).toEqual({ kind: "accepted" });
  });

  test("one that comes after its phase closed without it is stale, not refused", () => {
    const { world, clients } = worldOf(5);
    advance(world, clients, "sharing");
    const reply = world.ask(clients[0]!)!;
    world.turns(clients.slice(1));
    world.wait(10_000);
    expect(world.state.phase).toBe("collecting");
    expect(world.say(clients[0]!, reply)).toEqual({ kind: "stale", round: 1 });
  });

  test("a client that was not asked, or is out, is told so", () => {
    const { world, clients } = worldOf(5);
    advance(world, clients, "keying");
    const stranger = tinyFederation(9).clients[8]!;
    expect(world.step({ kind: "ready", client: stranger })).toMatchObject({ kind: "refused", code: "not-in-cohort" });
    expect(world.step({ kind: "withdrawal", client: stranger, reason: "" })).toMatchObject({ kind: "refused", code: "not-in-cohort" });
    const reply = world.ask(clients[0]!)!;
    world.step({ kind: "withdrawal", client: clients[0]!, reason: "leaving" });
    expect(world.say(clients[0]!, reply)).toMatchObject({ kind: "refused", code: "not-in-cohort" });
  });
});

function flipped(bytes: Uint8Array): Uint8Array {
  return bytes.map((byte, i) => (i === 0 ? byte ^ 1 : byte));
}

type Said = Extract<Reply, { kind: "submission" }>["submission"];

function changed<K extends Said["kind"]>(reply: Reply, kind: K, change: (said: Extract<Said, { kind: K }>) => Said): Reply {
  assert(reply.kind === "submission" && reply.submission.kind === kind, `the client says ${kind}`);
  return { kind: "submission", submission: change(reply.submission as Extract<Said, { kind: K }>) };
}
