import { type ClientId, parseClientId, parseRoundNumber, utf8 } from "@sotto/base";
import { type Ed25519KeyPair, ed25519Sign, sha256, sha256Digest, toSeed, transcript, x25519KeyPair } from "@sotto/crypto";
import { type Advert, advertise, contextDigest, isSampled, type SessionContext } from "@sotto/secagg";
import { expect, test } from "vitest";
import { another, enrolled, hospitals, identityOf, modelBytes, other, plan, rosterWith, victim } from "./hospitals.ts";
import { toldTo } from "./lie.ts";
import { cases, expectAllLeft, expectLeft, expectOthersDone, expectRefused, underAttack } from "./promise.ts";
import { without } from "./relayed.ts";
import { advertsOf, type Session } from "./session.ts";

// S1 of SECAGG 2.8: with whom a client is asked to share keys. Whoever is told a lie deals no shares, and the others go on without it.

const stranger = parseClientId("hospital-8");
const coordinator = identityOf(parseClientId("coordinator"));

/** A session key pair that the coordinator made itself. */
function ownKey(name: string): Uint8Array {
  return x25519KeyPair(sha256(utf8(name))).publicKey;
}

/** The advert of a client with its session keys changed, signed by whoever has the identity key. */
function signed(context: SessionContext, { signature: _, ...keys }: Advert, { secretKey }: Ed25519KeyPair): Advert {
  const statement = transcript("adv", contextDigest(context), utf8(keys.client), keys.maskKey, keys.envelopeKey);
  return { ...keys, signature: ed25519Sign(secretKey, statement) };
}

/** The cohort with one advert changed. */
function changed(session: Session, client: ClientId, change: (advert: Advert) => Advert): readonly Advert[] {
  return advertsOf(session).map((advert) => (advert.client === client ? change(advert) : advert));
}

function resigned(session: Session, client: ClientId, keys: Partial<Advert>, by: Ed25519KeyPair = identityOf(client)): readonly Advert[] {
  return changed(session, client, (advert) => signed(session.context, { ...advert, ...keys }, by));
}

function ascending(adverts: readonly Advert[]): readonly Advert[] {
  return adverts.toSorted((a, b) => (a.client < b.client ? -1 : 1));
}

const lowOrder = new Uint8Array(32).with(0, 1);

type Cohort = (session: Session) => readonly Advert[];

/** Cohorts that the coordinator makes alone. */
const forged: Readonly<Record<string, readonly [Cohort, string]>> = {
  "a peer's mask key swapped for the coordinator's": [
    (session) => changed(session, other, (advert) => ({ ...advert, maskKey: ownKey("mask") })),
    "bad-signature",
  ],
  "a peer's envelope key swapped for the coordinator's": [
    (session) => changed(session, other, (advert) => ({ ...advert, envelopeKey: ownKey("envelope") })),
    "bad-signature",
  ],
  "a peer's keys unsigned": [
    (session) => changed(session, other, (advert) => ({ ...advert, signature: new Uint8Array(64) })),
    "bad-signature",
  ],
  "a peer's keys signed by the coordinator": [
    (session) => resigned(session, other, { maskKey: ownKey("mask"), envelopeKey: ownKey("envelope") }, coordinator),
    "bad-signature",
  ],
  "the keys of two peers exchanged": [
    (session) => {
      const [one, two] = [session.adverts.get(other)!, session.adverts.get(another)!];
      const exchanged = new Map([
        [other, { ...two, client: other }],
        [another, { ...one, client: another }],
      ]);
      return advertsOf(session).map((advert) => exchanged.get(advert.client) ?? advert);
    },
    "bad-signature",
  ],
  "somebody in it who is not enrolled": [
    (session) => {
      const { context } = session;
      const seed = toSeed(sha256(utf8("a stranger")));
      const joined = advertise({ context, client: stranger, signingKey: identityOf(stranger).secretKey, seed });
      return [...advertsOf(session), joined.advert];
    },
    "not-enrolled",
  ],
  "one key twice": [
    (session) => changed(session, other, (advert) => ({ ...advert, maskKey: session.adverts.get(another)!.maskKey })),
    "duplicate-key",
  ],
  "the client's own key swapped": [
    (session) => changed(session, victim, (advert) => ({ ...advert, maskKey: ownKey("mask") })),
    "bad-signature",
  ],
  "the client itself left out": [(session) => advertsOf(session).filter(({ client }) => client !== victim), "self-missing"],
  "fewer members than the owner's floor": [(session) => advertsOf(session).slice(0, 4), "policy"],
  "its members out of order": [(session) => advertsOf(session).toReversed(), "cohort-not-sorted"],
  "one member twice": [(session) => ascending([...advertsOf(session), session.adverts.get(other)!]), "cohort-not-sorted"],
  "more members than a lane can sum": [
    (session) => {
      const more = Array.from({ length: 300 }, (_, i) => ({ ...session.adverts.get(other)!, client: parseClientId(`ward-${1000 + i}`) }));
      return [...advertsOf(session), ...more];
    },
    "policy",
  ],
};

/** Cohorts that it makes with the identity key of a client in league with it, or one that was stolen. */
const signedByMember: Readonly<Record<string, readonly [Cohort, string]>> = {
  "a member's key that is another member's": [
    (session) => resigned(session, other, { maskKey: session.adverts.get(another)!.maskKey }),
    "duplicate-key",
  ],
  "one key for a member's masks and envelopes": [
    (session) => resigned(session, other, { maskKey: ownKey("both"), envelopeKey: ownKey("both") }),
    "duplicate-key",
  ],
  "a mask key of low order": [(session) => resigned(session, other, { maskKey: lowOrder }), "weak-key"],
  "an envelope key of low order": [(session) => resigned(session, other, { envelopeKey: lowOrder }), "weak-key"],
  "other keys of the client itself, signed with its stolen identity": [
    (session) => resigned(session, victim, { maskKey: ownKey("mask") }),
    "own-advert-altered",
  ],
};

test.each(cases({ ...forged, ...signedByMember }))("a client deals no shares in a cohort with %s: %s", async (_, code, cohort) => {
  const tell = toldTo(victim, "share-keys", (honest, session) => ({ ...honest, adverts: cohort(session) }));
  await expectRefused({ lies: { tell }, at: "share-keys", code });
});

test("a client deals no shares to keys that were signed for an earlier round: bad-signature", async () => {
  await underAttack({}, async (federation) => {
    const first = await federation.coordinator.play({ through: "advertise" });
    const stale = first.adverts.get(other)!;
    const tell = toldTo(victim, "share-keys", (honest, session) => ({ ...honest, adverts: changed(session, other, () => stale) }));
    await federation.coordinator.play({ round: 2, through: "share-keys", lies: { tell } });
    expectLeft(federation, victim, "bad-signature");
  });
});

test("a client whose owner asks for five honest clients in every sum takes part in none that could hold fewer: policy", async () => {
  await underAttack({ policy: { minHonestInSum: 5 } }, async (federation) => {
    await federation.coordinator.play({ through: "train" });
    expectAllLeft(federation, "policy");
  });
});

test("a session goes well without a client that will not deal shares in its cohort", async () => {
  const tell = toldTo(victim, "share-keys", (honest) => ({ ...honest, adverts: honest.adverts.filter(({ client }) => client !== victim) }));
  await expectOthersDone({ lies: { tell }, code: "self-missing" });
});

// A plan with a sampling rate (SECAGG 2.4): who takes part is drawn by a hash, so that a coordinator can neither pick its clients nor hide honest ones.

function sampledAt(samplingRate: number): typeof plan {
  return { ...plan, aggregation: { ...plan.aggregation, samplingRate } };
}

const samplingRate = 0.8;

function isDrawn(round: number, client: ClientId): boolean {
  return isSampled({ modelDigest: sha256Digest(modelBytes), round: parseRoundNumber(round), samplingRate }, client);
}

/** The first round whose sample names all of some clients and none of others. */
function roundWith(names: readonly ClientId[], leavesOut: readonly ClientId[]): number {
  const fits = (round: number): boolean =>
    names.every((client) => isDrawn(round, client)) && !leavesOut.some((client) => isDrawn(round, client));
  return Array.from({ length: 1_000 }, (_, i) => i + 1).find(fits)!;
}

test("with everybody drawn, a session goes as it does without a sample", async () => {
  await underAttack({ policy: { requireSample: true } }, async (federation) => {
    federation.coordinator.plan = sampledAt(1);
    const session = await federation.coordinator.play({});
    expect(session.reveals.size).toBe(7);
  });
});

test("a client computes nothing in a round whose sample does not name it: not-sampled", async () => {
  await underAttack({}, async (federation) => {
    const { coordinator } = federation;
    coordinator.plan = sampledAt(samplingRate);
    await coordinator.play({ round: roundWith(without(hospitals, victim), [victim]), through: "train" });
    expect(federation.refusalsOf(victim)).toEqual(["not-sampled"]);
    expect(coordinator.heardFrom(victim).map(({ kind }) => kind)).toEqual(["withdrawal"]);
    expect(federation.refusing).toEqual([victim]);
  });
});

test("a client deals no shares in a cohort with a member that the sample does not name: member-not-sampled", async () => {
  await underAttack({}, async (federation) => {
    federation.coordinator.plan = sampledAt(samplingRate);
    const round = roundWith(without(hospitals, other), [other]);
    const tell = toldTo(victim, "share-keys", (honest, { context }) => {
      const seed = toSeed(sha256(utf8("in league")));
      const { advert } = advertise({ context, client: other, signingKey: identityOf(other).secretKey, seed });
      const adverts = [...honest.adverts, advert].toSorted((a, b) => (a.client < b.client ? -1 : 1));
      return { ...honest, adverts };
    });
    await federation.coordinator.play({ round, lies: { tell }, through: "share-keys" });
    expectLeft(federation, victim, "member-not-sampled");
  });
});

test("a client deals no shares in a cohort that leaves out too many of the sample: too-few-sampled", async () => {
  await underAttack({}, async (federation) => {
    const absent = [8, 9].map((number) => parseClientId(`hospital-${number}`));
    federation.coordinator.plan = sampledAt(1);
    federation.coordinator.roster = rosterWith({ clients: [...hospitals, ...absent].map(enrolled) });
    const tell = toldTo(victim, "share-keys", (honest) => ({ ...honest, adverts: honest.adverts.slice(0, 6) }));
    await federation.coordinator.play({ lies: { tell }, through: "share-keys" });
    expectLeft(federation, victim, "too-few-sampled");
    expect(federation.refusing).toEqual([victim]);
  });
});

test("a client whose owner asks for samples takes no part in a round without one: policy", async () => {
  await underAttack({ policy: { requireSample: true } }, async (federation) => {
    await federation.coordinator.play({ through: "train" });
    expectAllLeft(federation, "policy");
  });
});
