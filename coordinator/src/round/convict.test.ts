import { describe, expect, test } from "vitest";
import { advance, keptIn, resultOf, worldOf } from "../testing/round-scene.ts";

describe("a client that lies", () => {
  test.each(["false-share", "false-seed"] as const)(
    "with a %s is refused and convicted once, and the others open the sum without it",
    (lie) => {
      const { world, clients } = worldOf(5, {}, { 1: lie });
      advance(world, clients, "unmasking");
      const reply = world.ask(clients[1]!)!;
      for (let times = 0; times < 2; times++) {
        expect(world.say(clients[1]!, reply)).toMatchObject({ kind: "refused", code: "secret-mismatch" });
      }
      expect(keptIn(world)).toEqual([`${clients[1]} ${lie}`]);
      world.turns(clients.filter((client) => client !== clients[1]));
      expect(resultOf(world.state)).toMatchObject({ kind: "committed", survivors: clients });
      for (const value of world.outcome?.model ?? []) expect(value).toBeCloseTo(0.03, 3);
    },
  );

  test("so that too few reveal what opens the sum is named in the reason", () => {
    const { world, clients } = worldOf(5, {}, { 0: "false-share", 1: "false-seed" });
    advance(world, clients, "unmasking");
    world.turns(clients.slice(0, 4));
    for (const client of clients.slice(2, 4)) world.step({ kind: "lost", client });
    world.wait(10_000);
    expect(resultOf(world.state)).toMatchObject({
      kind: "abandoned",
      reason: "too few clients: 2 answered in unmasking of at least 3; evidence convicts ward-0 (false-share), ward-1 (false-seed)",
    });
  });

  test("about the mask key it deals is convicted when it drops, and the round is given up by its name", () => {
    const { world, clients } = worldOf(5, {}, { 2: "other-mask-key" });
    advance(world, clients, "collecting");
    const others = clients.filter((client) => client !== clients[2]);
    world.turns(others);
    world.wait(10_000);
    world.turns(others);
    world.turns(others);
    expect(keptIn(world)).toEqual(["ward-2 inconsistent-shares"]);
    expect(resultOf(world.state)).toMatchObject({
      kind: "abandoned",
      reason: expect.stringMatching(/^secret-mismatch: .*client ward-2 .*; evidence convicts ward-2 \(inconsistent-shares\)$/),
    });
    expect(world.outcome).toBeNull();
  });

  test("in the shares it deals is named with the holders that complained, when these are missed", () => {
    const { world, clients } = worldOf(5, {}, { 4: "unreadable-shares" });
    advance(world, clients, "collecting");
    const others = clients.slice(0, 4);
    for (let turns = 0; turns < 3; turns++) {
      world.turns(others);
      if (turns === 0) world.wait(10_000);
    }
    expect(keptIn(world)).toEqual([]);
    expect(resultOf(world.state)).toMatchObject({
      kind: "abandoned",
      reason:
        "too few shares: those of the 4 clients that answered in unmasking do not open the sum; " +
        "holders complained of the shares of ward-4 (4 of its 4 holders), and 1 may be lost",
    });
  });

  test("in the shares it deals costs nothing while it takes part itself", () => {
    const { world, clients } = worldOf(5, {}, { 4: "unreadable-shares" });
    advance(world, clients, "unmasking");
    world.turns(clients);
    expect(resultOf(world.state)).toMatchObject({ kind: "committed", survivors: clients });
  });
});
