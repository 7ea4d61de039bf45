import { toHex } from "@sotto/base";
import { expect, test } from "vitest";
import type { AttackedFederation } from "./attacked-federation.ts";
import { hospitals, other, victim } from "./hospitals.ts";
import { openedBy } from "./privacy.ts";
import { expectAllLeft, underAttack } from "./promise.ts";
import { relayed, without } from "./relayed.ts";
import { membersIn, type Session } from "./session.ts";

// Replays, and what a client does not do twice: SECAGG 2.12. A restarted client has its marks and no secret of an earlier process.

/** What the client sent after the first `count` messages. */
function kindsAfter(federation: AttackedFederation, count: number): readonly string[] {
  return federation.coordinator
    .heardFrom(victim)
    .slice(count)
    .map(({ kind }) => kind);
}

test("a client enters no round below one it was offered: replay", async () => {
  await underAttack({}, async (federation) => {
    const { coordinator } = federation;
    await coordinator.play({ round: 2, through: "advertise" });
    await coordinator.tell(victim, coordinator.beginning("train", 1, 0));
    expect(federation.refusalsOf(victim)).toEqual(["replay"]);
  });
});

test("a client that did its part of a round does not begin it again", async () => {
  await underAttack({}, async (federation) => {
    const { coordinator } = federation;
    await coordinator.play({});
    const count = coordinator.heardFrom(victim).length;
    await coordinator.tell(victim, coordinator.beginning("train", 1, 0));
    await coordinator.tell(victim, coordinator.beginning("advertise", 1, 0));
    expect(kindsAfter(federation, count)).toEqual([]);
  });
});

test.each(["train", "advertise"] as const)(
  "an update that was sent once is sent in no other session of its round (%s): spent",
  async (kind) => {
    await underAttack({}, async (federation) => {
      const { coordinator } = federation;
      await coordinator.play({ through: "mask" });
      const count = coordinator.heardFrom(victim).length;
      await coordinator.tell(victim, coordinator.beginning(kind, 1, 1));
      expect(federation.refusalsOf(victim)).toEqual(["spent"]);
      expect(kindsAfter(federation, count)).toEqual(["withdrawal"]);
    });
  },
);

test("a round that is tried again before anything was masked is tried with new keys, and no more often than the owner grants: policy", async () => {
  await underAttack({}, async (federation) => {
    const { coordinator } = federation;
    await coordinator.play({ through: "share-keys" });
    for (const session of [1, 2]) await coordinator.play({ session, from: "advertise", through: "share-keys" });
    const adverts = coordinator.sessions.map((session) => toHex(session.adverts.get(victim)!.maskKey));
    expect(new Set(adverts).size).toBe(3);
    await coordinator.tell(victim, coordinator.beginning("advertise", 1, 3));
    expect(federation.refusalsOf(victim)).toEqual(["policy"]);
  });
});

test("of a round that is tried again, one session alone gets a contribution", async () => {
  await underAttack({}, async (federation) => {
    const { coordinator } = federation;
    await coordinator.play({ through: "share-keys" });
    await coordinator.play({ session: 1, from: "advertise" });
    const opened = openedBy(federation);
    expect(opened).toMatchObject([{ clients: hospitals, position: { session: 1 } }]);
  });
});

test("rounds follow each other no faster than the owner grants: policy", async () => {
  await underAttack({ policy: { minRoundGapSeconds: 3_600 } }, async (federation) => {
    await federation.coordinator.play({});
    await federation.coordinator.play({ round: 2, through: "advertise" });
    expectAllLeft(federation, "policy");
  });
});

/** The saves of a client's marks in a round that goes well, in order. */
const saves = ["offered", "roster", "entered", "spent", "signed", "left"] as const;

/** Plays a round in which the victim is killed when its marks were saved for the last of `saves`, before the message that depends on them is sent. */
async function killedAfter(federation: AttackedFederation, save: (typeof saves)[number]): Promise<Session> {
  federation.memoirsOf(victim)[0]!.cutAfterSaves(saves.indexOf(save) + 1);
  const session = await federation.coordinator.play({});
  await federation.kill(victim);
  federation.start(victim);
  return session;
}

const sentBefore: Readonly<Record<(typeof saves)[number], readonly string[]>> = {
  offered: [],
  roster: [],
  entered: ["ready"],
  spent: ["ready", "advert", "shares"],
  signed: ["ready", "advert", "shares", "upload"],
  left: ["ready", "advert", "shares", "upload", "attestation"],
};

const afterRestart: readonly (readonly [(typeof saves)[number], "train" | "advertise", number, string])[] = [
  ["entered", "train", 0, "replay"],
  ["spent", "train", 0, "replay"],
  ["spent", "train", 1, "spent"],
  ["spent", "advertise", 1, "spent"],
  ["signed", "train", 1, "spent"],
  ["left", "train", 0, "replay"],
  ["left", "train", 1, "spent"],
];

test.each(afterRestart)(
  "killed once it remembered %s and started again, a client told to %s in session %i refuses: %s",
  async (save, kind, session, code) => {
    await underAttack({}, async (federation) => {
      const { coordinator } = federation;
      await killedAfter(federation, save);
      expect(coordinator.heardFrom(victim).map((message) => message.kind)).toEqual(sentBefore[save]);
      await coordinator.tell(victim, coordinator.beginning(kind, 1, session));
      expect(federation.refusalsOf(victim)).toEqual([code]);
      expect(kindsAfter(federation, sentBefore[save].length)).toEqual(["withdrawal"]);
    });
  },
);

test("killed once it remembered what it signed, a client attests no other survivors: already-signed", async () => {
  await underAttack({}, async (federation) => {
    const { coordinator } = federation;
    const session = await killedAfter(federation, "signed");
    const survivors = membersIn(session, without(hospitals, other));
    await coordinator.tell(victim, { kind: "attest", position: session.position, request: { survivors } });
    expect(federation.refusalsOf(victim)).toEqual(["already-signed"]);
    expect(session.attestations.has(victim)).toBe(false);
  });
});

test.each(["share-keys", "mask", "reveal"] as const)(
  "a client that was restarted has no secret left to %s with: no-session",
  async (stage) => {
    await underAttack({}, async (federation) => {
      const { coordinator } = federation;
      const before = { "share-keys": "advertise", mask: "share-keys", reveal: "attest" } as const;
      const session = await coordinator.play({ through: before[stage] });
      await federation.kill(victim);
      federation.start(victim);
      const count = coordinator.heardFrom(victim).length;
      if (stage === "mask") session.dealers = hospitals;
      await coordinator.tell(victim, relayed(stage, session, victim));
      expect(federation.refusalsOf(victim)).toEqual(["no-session"]);
      expect(kindsAfter(federation, count)).toEqual(["withdrawal"]);
    });
  },
);
