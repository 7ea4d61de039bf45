import { type ClientId, invariant } from "@sotto/base";
import { aggregateErrorBound } from "@sotto/vector";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Lie } from "../testing/lies.ts";
import type { Peer, Reply } from "../testing/peer.ts";
import { RoundWorld } from "../testing/round-world.ts";
import { tinyFederation, tinySetup, tinySpec } from "../testing/tiny-task.ts";

const federation = tinyFederation(6);
// Six clients and room for five: some are turned away.
const setup = tinySetup(federation, tinySpec({ cohort: { ...tinySpec().cohort, count: { min: 3, goal: 5, max: 5 } } }));
const startingCount = 4;

/** Something that happens to a round; `who` is one of the six clients, `count` of the six take turns. */
type Act =
  | { readonly act: "turns"; readonly count: number }
  | {
      readonly act: "turn" | "ask" | "poll" | "repeat" | "impersonate" | "tamper" | "lose" | "invite" | "restart" | "withdraw";
      readonly who: number;
    }
  | { readonly act: "wait"; readonly ms: number }
  | { readonly act: "stop" };

const who = fc.integer({ min: 0, max: 5 });
const acts: fc.Arbitrary<readonly Act[]> = fc.array(
  fc.oneof(
    { weight: 160, arbitrary: fc.record({ act: fc.constant("turns" as const), count: fc.integer({ min: 3, max: 6 }) }) },
    {
      weight: 80,
      arbitrary: fc.record({ act: fc.constantFrom("turn" as const, "ask" as const, "poll" as const, "invite" as const), who }),
    },
    { weight: 60, arbitrary: fc.record({ act: fc.constantFrom("repeat" as const, "impersonate" as const, "tamper" as const), who }) },
    { weight: 12, arbitrary: fc.record({ act: fc.constantFrom("lose" as const, "restart" as const, "withdraw" as const), who }) },
    { weight: 60, arbitrary: fc.record({ act: fc.constant("wait" as const), ms: fc.constantFrom(1, 500, 1_000, 9_999, 10_000, 60_000) }) },
    { weight: 1, arbitrary: fc.record({ act: fc.constant("stop" as const) }) },
  ),
  { minLength: 10, maxLength: 60, size: "max" },
);

/** Plays a script; every step in it is held to the invariants by the world. */
class Script {
  readonly world: RoundWorld;
  readonly #last = new Map<Peer, Reply>();

  constructor(lies: ReadonlyMap<ClientId, Lie>) {
    this.world = new RoundWorld(federation, setup, { asked: federation.clients.slice(0, startingCount), lies });
  }

  play(act: Act): void {
    switch (act.act) {
      case "turns":
        for (const client of federation.clients.slice(0, act.count)) this.#turn(this.world.peer(client));
        return;
      case "wait":
        this.world.wait(act.ms);
        return;
      case "stop":
        this.world.step({ kind: "stop", reason: "stopped" });
        return;
      default:
        this.#playOne(act.act, this.world.peer(federation.clients[act.who]!));
    }
  }

  #playOne(act: Extract<Act, { who: number }>["act"], peer: Peer): void {
    const { client } = peer;
    const last = this.#last.get(peer);
    const acts: Readonly<Record<typeof act, () => void>> = {
      turn: () => this.#turn(peer),
      ask: () => this.#ask(peer),
      poll: () => this.world.step({ kind: "polled", client, cursor: peer.cursor }),
      repeat: () => last && this.#say(peer, last),
      impersonate: () => last && this.#say(this.world.peer(federation.clients.find((other) => other !== client)!), last),
      tamper: () => last && this.#say(peer, tampered(last)),
      lose: () => this.world.step({ kind: "lost", client }),
      invite: () => this.world.step({ kind: "invited", client }),
      restart: () => peer.restart(),
      withdraw: () => this.world.step({ kind: "withdrawal", client, reason: "by script" }),
    };
    acts[act]();
  }

  #turn(peer: Peer): void {
    const reply = this.#ask(peer);
    if (reply !== null) this.#say(peer, reply);
  }

  #ask(peer: Peer): Reply | null {
    const reply = this.world.ask(peer.client);
    if (reply !== null) this.#last.set(peer, reply);
    return reply;
  }

  #say(peer: Peer, reply: Reply): void {
    this.world.say(peer.client, reply);
  }
}

/** The same kind of message with one byte changed; `ready` has none. */
function tampered(reply: Reply): Reply {
  const flip = (bytes: Uint8Array): Uint8Array => bytes.map((byte, i) => (i === 0 ? byte ^ 1 : byte));
  if (reply.kind === "upload") return { ...reply, bytes: flip(reply.bytes) };
  const said = reply.submission;
  if (said.kind === "advert")
    return { ...reply, submission: { ...said, advert: { ...said.advert, envelopeKey: flip(said.advert.envelopeKey) } } };
  if (said.kind === "shares")
    return { ...reply, submission: { ...said, bundle: { ...said.bundle, signature: flip(said.bundle.signature) } } };
  if (said.kind === "attestation") return { ...reply, submission: { ...said, signature: flip(said.signature) } };
  return reply;
}

/** What the survivors' sum must open to: client i contributes (i + 1) / 100 with weight 100 and 10 rows. */
function expectTruth(world: RoundWorld, lies: ReadonlyMap<ClientId, Lie>): void {
  const { state, outcome } = world;
  if (state.phase !== "ended" || state.result.kind === "abandoned") {
    expect(outcome).toBeNull();
    return;
  }
  invariant(outcome !== null, "a committed round has an outcome");
  const { survivors, metrics, weight } = state.result;
  // Its masks are of another key than its neighbours': a client can always spoil the sum that it is in.
  if (survivors.some((client) => lies.get(client) === "other-mask-key")) return;
  const mean = survivors.reduce((sum, client) => sum + (federation.clients.indexOf(client) + 1) / 100, 0) / survivors.length;
  const bound = aggregateErrorBound({ rule: setup.spec.contribution, survivors: survivors.length, weight });
  for (const value of outcome.model) expect(Math.abs(value - mean)).toBeLessThanOrEqual(bound + 1e-7);
  expect(weight).toBeCloseTo(100 * survivors.length, 3);
  expect(metrics?.rows).toBe(10 * survivors.length);
}

function convictedIn({ effects }: RoundWorld): readonly ClientId[] {
  return effects.flatMap((effect) => (effect.kind === "keep-evidence" ? [effect.evidence.accused] : []));
}

/** Half of the runs are of honest clients alone, in the others one or two lie. */
const lies: fc.Arbitrary<ReadonlyMap<ClientId, Lie>> = fc.oneof(
  fc.constant(new Map()),
  fc
    .array(fc.tuple(who, fc.constantFrom<Lie>("false-share", "false-seed", "other-mask-key", "unreadable-shares")), {
      minLength: 1,
      maxLength: 2,
    })
    .map((liars) => new Map(liars.map(([index, lie]) => [federation.clients[index]!, lie]))),
);

test("in every random run each invariant holds after each step, a committed sum is that of its survivors, and nobody honest is convicted", () => {
  const ends: Record<string, number> = {};
  fc.assert(
    fc.property(acts, lies, (script, liars) => {
      const played = new Script(liars);
      for (const act of script) played.play(act);
      expectTruth(played.world, liars);
      for (const client of convictedIn(played.world)) expect([...liars.keys()]).toContain(client);
      ends["convicted"] = (ends["convicted"] ?? 0) + (convictedIn(played.world).length > 0 ? 1 : 0);
      const { state } = played.world;
      const end = state.phase === "ended" ? state.result.kind : "running";
      ends[end] = (ends[end] ?? 0) + 1;
    }),
    { numRuns: 120 },
  );
  // Both ends must be common, or the runs would test little. Of 120 runs about 35 commit and 50 are abandoned: a false alarm is 5 deviations off.
  expect(ends["committed"]).toBeGreaterThan(10);
  expect(ends["abandoned"]).toBeGreaterThan(20);
}, 120_000);
