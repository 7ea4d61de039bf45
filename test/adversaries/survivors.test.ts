import { type ClientId, type Members, membersOf, toHex } from "@sotto/base";
import type { Instruction } from "@sotto/protocol";
import { expect, test } from "vitest";
import { hospitals, other, victim } from "./hospitals.ts";
import { eachOf, toldTo, toldToAll } from "./lie.ts";
import { openedBy } from "./privacy.ts";
import { cases, expectAllLeft, expectOthersDone, expectRefused, underAttack } from "./promise.ts";
import { mask, reveal, without } from "./relayed.ts";
import { membersIn, type Session } from "./session.ts";

// S3 of SECAGG 2.8: whose contributions are said to be in the sum. A client signs one set of survivors a session, and none that it refuses.

const refused: Readonly<Record<string, readonly [(session: Session) => Members, string]>> = {
  "that leave out a client whose contribution was sent": [(session) => membersIn(session, without(hospitals, victim)), "self-missing"],
  "that are fewer than may remain": [(session) => membersIn(session, hospitals.slice(0, 4)), "too-few-survivors"],
  "of a larger cohort": [() => membersOf(8, [0, 1, 2, 3, 4, 5, 6]), "survivor-not-dealer"],
};

test.each(cases(refused))("a client attests no survivors %s: %s", async (_, code, survivors) => {
  const tell = toldTo(victim, "attest", (honest, session) => ({ ...honest, request: { survivors: survivors(session) } }));
  await expectRefused({ lies: { tell }, at: "attest", code });
});

test("a client attests no survivor who dealt no shares: survivor-not-dealer", async () => {
  const lies = {
    dealers: (heard: readonly ClientId[]) => without(heard, other),
    tell: toldTo(victim, "attest", (honest, session) => ({ ...honest, request: { survivors: membersIn(session, hospitals) } })),
  };
  await underAttack({}, async (federation) => {
    await federation.coordinator.play({ lies, through: "attest" });
    expect(federation.refusalsOf(victim)).toEqual(["survivor-not-dealer"]);
    expect(federation.refusing).toEqual([victim]);
  });
});

test("asked to attest two sets of survivors, a client gives the one signature it gave, twice", async () => {
  await underAttack({}, async (federation) => {
    const fewer = (session: Session) => ({ survivors: membersIn(session, without(hospitals, other)) });
    const tell = toldTo(victim, "attest", (honest, session) => [honest, { ...honest, request: fewer(session) }]);
    await federation.coordinator.play({ lies: { tell } });
    const signatures = federation.coordinator
      .heardFrom(victim)
      .flatMap((message) => (message.kind === "attestation" ? [toHex(message.signature)] : []));
    expect(signatures).toHaveLength(2);
    expect(new Set(signatures).size).toBe(1);
    expect(federation.refusing).toEqual([]);
    expect(openedBy(federation)).toMatchObject([{ clients: hospitals }]);
  });
});

test("a client that is alive to some and dropped to others: neither half is a quorum, and nobody reveals anything", async () => {
  await underAttack({}, async (federation) => {
    const some = hospitals.slice(0, 4);
    const tell = eachOf(
      toldToAll("attest", (honest, session, to) => {
        return some.includes(to) ? honest : { ...honest, request: { survivors: membersIn(session, without(hospitals, victim)) } };
      }),
      toldToAll("reveal", (honest, session, to) => {
        const agreeing = some.includes(to) ? some : without(hospitals, ...some);
        return { ...honest, request: reveal(session, to, agreeing) };
      }),
    );
    const session = await federation.coordinator.play({ lies: { tell } });
    expect(session.attestations.size).toBe(7);
    expect(session.reveals.size).toBe(0);
    expectAllLeft(federation, "too-few-signatures");
    expect(openedBy(federation)).toEqual([]);
  });
});

test("a contribution that comes late, of a client that was called dropped, stays closed", async () => {
  await underAttack({}, async (federation) => {
    const session = await federation.coordinator.play({ lies: { survivors: (heard) => without(heard, other) } });
    expect(session.uploads.has(other)).toBe(true);
    expect(session.reveals.size).toBe(6);
    expect(openedBy(federation)).toMatchObject([{ clients: without(hospitals, other), isPlain: true }]);
  });
});

/** Each instruction, told one stage before its turn. */
const early: Readonly<Record<string, readonly ["advertise" | "share-keys" | "mask" | "attest", (session: Session) => Instruction]>> = {
  "share keys before it advertised any": ["advertise", ({ position }) => ({ kind: "share-keys", position, adverts: [] })],
  "mask before it dealt shares": [
    "share-keys",
    ({ position }) => ({ kind: "mask", position, request: { dealers: membersOf(7, []), dealt: [] } }),
  ],
  "attest before it sent its contribution": [
    "mask",
    ({ position }) => ({ kind: "attest", position, request: { survivors: membersOf(7, hospitals.keys()) } }),
  ],
  "reveal before it attested": ["attest", ({ position }) => ({ kind: "reveal", position, request: { signatures: [], headers: [] } })],
};

test.each(Object.entries(early))("a client does not %s: wrong-phase", async (_, [stage, instruction]) => {
  await expectRefused({
    lies: { tell: toldTo(victim, stage, (_honest, session) => instruction(session)) },
    at: stage,
    code: "wrong-phase",
  });
});

test("asked to mask for two sets of dealers, a client sends the bytes it sent", async () => {
  await underAttack({}, async (federation) => {
    const tell = toldTo(victim, "mask", (honest, session) => [
      honest,
      { ...honest, request: mask(session, victim, without(hospitals, other)) },
    ]);
    await federation.coordinator.play({ lies: { tell } });
    const sent = federation.coordinator.heardFrom(victim).flatMap((message) => (message.kind === "upload" ? [toHex(message.bytes)] : []));
    expect(new Set(sent).size).toBe(1);
    expect(federation.doneBy(victim)).toHaveLength(1);
  });
});

test("a session goes well without a client that will not attest its survivors", async () => {
  const tell = toldTo(victim, "attest", (honest, session) => ({
    ...honest,
    request: { survivors: membersIn(session, without(hospitals, victim)) },
  }));
  await expectOthersDone({ lies: { tell }, code: "self-missing" });
});
