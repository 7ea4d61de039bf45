import { type ClientId, memberIndices, membersOf, parseClientId, utf8 } from "@sotto/base";
import { sha256, toSeed } from "@sotto/crypto";
import { advertise, type DealtShare, type MaskRequest } from "@sotto/secagg";
import { expect, test } from "vitest";
import { another, enrolled, hospitals, identityOf, other, rosterWith, victim } from "./hospitals.ts";
import { eachOf, toldTo, toldToAll } from "./lie.ts";
import { openedBy } from "./privacy.ts";
import { cases, expectOthersDone, expectRefused, underAttack } from "./promise.ts";
import { headerOf, mask, reveal, without } from "./relayed.ts";
import type { Lies } from "./scripted-coordinator.ts";
import { cohortOf, indexIn, membersIn, parametersOf, type Session } from "./session.ts";

// S2 of SECAGG 2.8: who is said to have dealt shares. Whoever refuses sends no contribution.

type Request = (honest: MaskRequest, session: Session) => MaskRequest;

/** The request with one dealt share changed, or with others instead of it. */
function redealt(request: MaskRequest, dealer: number, instead: (dealt: DealtShare) => DealtShare | readonly DealtShare[]): MaskRequest {
  return { ...request, dealt: request.dealt.flatMap((dealt) => (dealt.dealer === dealer ? instead(dealt) : [dealt])) };
}

const refused: Readonly<Record<string, readonly [Request, string]>> = {
  "that it is not among itself": [(_, session) => mask(session, victim, without(session.dealers, victim)), "self-missing"],
  "that are fewer than may remain": [(_, session) => mask(session, victim, hospitals.slice(0, 4)), "too-few-dealers"],
  "of a larger cohort": [(honest) => ({ ...honest, dealers: membersOf(8, [...memberIndices(honest.dealers), 7]) }), "dealer-not-in-cohort"],
  "with shares of somebody else": [
    (honest, session) => ({ ...honest, dealers: membersIn(session, without(session.dealers, other)) }),
    "dealer-not-in-cohort",
  ],
  "with a share withheld": [(honest, session) => redealt(honest, indexIn(session, other), () => []), "missing-share"],
  "with two shares of one": [(honest, session) => redealt(honest, indexIn(session, other), (dealt) => [dealt, dealt]), "unexpected-share"],
  "with a share of its own": [
    (honest, session) => redealt(honest, indexIn(session, other), (dealt) => [dealt, { ...dealt, dealer: indexIn(session, victim) }]),
    "unexpected-share",
  ],
  "with a share at a coordinate that nobody has": [
    (honest, session) => redealt(honest, indexIn(session, other), (dealt) => ({ ...dealt, coordinate: 7 })),
    "malformed",
  ],
};

test.each(cases(refused))("a client masks nothing for dealers %s: %s", async (_, code, request) => {
  const tell = toldTo(victim, "mask", (honest, session) => ({ ...honest, request: request(honest.request, session) }));
  await expectRefused({ lies: { tell }, at: "mask", code });
});

/** A client late in the cohort is sealed envelopes; one early in it derives its shares. */
const [sealedTo, derivedBy]: readonly [ClientId, ClientId] = [another, victim];

const bad: Readonly<Record<string, readonly [ClientId, (dealt: DealtShare, session: Session) => DealtShare]>> = {
  "an envelope for another recipient": [
    sealedTo,
    (dealt, session) => ({
      ...dealt,
      envelope: mask(session, hospitals[6]!).dealt.find(({ dealer }) => dealer === dealt.dealer)!.envelope,
    }),
  ],
  "an envelope of another dealer": [
    sealedTo,
    (dealt, session) => ({ ...dealt, envelope: mask(session, sealedTo).dealt.find(({ dealer }) => dealer !== dealt.dealer)!.envelope }),
  ],
  "an envelope altered by a bit": [sealedTo, (dealt) => ({ ...dealt, envelope: dealt.envelope.with(0, dealt.envelope[0]! ^ 1) })],
  "an envelope at a wrong coordinate": [sealedTo, (dealt) => ({ ...dealt, coordinate: dealt.coordinate === 5 ? 6 : 5 })],
  "shares other than their leaf says": [sealedTo, (dealt) => ({ ...dealt, leaf: dealt.leaf.with(63, dealt.leaf[63]! ^ 1) })],
  "derived shares other than their leaf says": [derivedBy, (dealt) => ({ ...dealt, leaf: dealt.leaf.with(0, dealt.leaf[0]! ^ 1) })],
  "derived shares at a wrong coordinate": [derivedBy, (dealt) => ({ ...dealt, coordinate: 1 })],
};

test.each(Object.entries(bad))("a client that is passed %s complains in its header and goes on", async (_, [holder, change]) => {
  await underAttack({}, async (federation) => {
    const tell = toldTo(holder, "mask", (honest, session) => {
      const request = redealt(honest.request, indexIn(session, other), (dealt) => change(dealt, session));
      return { ...honest, request };
    });
    const session = await federation.coordinator.play({ lies: { tell } });
    expect(headerOf(session, holder).header.complaints).toEqual([indexIn(session, other)]);
    expect(federation.doneBy(holder)).toHaveLength(1);
    const revealed = session.reveals.get(holder)!.shares.map(({ owner }) => owner);
    expect(revealed).toEqual(without(hospitals, other).map((client) => indexIn(session, client)));
    expect(openedBy(federation)).toMatchObject([{ clients: hospitals }]);
  });
});

/**
 * The victim is told of dealers without one, so that the masks it shares with that one are not in its contribution; then that one is called dropped. Were
 * the victim's self seed revealed, its contribution would be as open as if it had no neighbour that dropped.
 */
function shortened(withHeader: boolean): Lies {
  return {
    tell: eachOf(
      toldTo(victim, "mask", (honest, session) => ({ ...honest, request: mask(session, victim, without(session.dealers, other)) })),
      toldToAll("reveal", (honest, session, to) => {
        const request = reveal(session, to, without(session.survivors, victim));
        return { ...honest, request: withHeader ? request : { ...request, headers: [] } };
      }),
    ),
    survivors: (heard) => without(heard, other),
  };
}

test.each([
  [true, "bad-signature"],
  [false, "missing-header"],
] as const)(
  "of a client that was told fewer dealers nobody reveals a self share, its header passed on or not (%s): %s",
  async (withHeader, code) => {
    await underAttack({}, async (federation) => {
      const session = await federation.coordinator.play({ lies: shortened(withHeader) });
      expect(session.reveals.size).toBe(0);
      const holders = without(hospitals, victim, other);
      expect(holders.map((client) => federation.refusalsOf(client))).toEqual(holders.map(() => [code]));
      expect(federation.refusalsOf(victim)).toEqual(["bad-signature"]);
      expect(openedBy(federation)).toEqual([]);
    });
  },
);

test("a client that is told another cohort than the others is alone with it: no quorum attests what it attests", async () => {
  await underAttack({}, async (federation) => {
    const { coordinator } = federation;
    const [alone, others] = [without(hospitals, other), without(hospitals, victim)];
    const everybody = membersOf(6, alone.keys());
    const cohort = toldTo(victim, "share-keys", (honest) => ({
      ...honest,
      adverts: honest.adverts.filter(({ client }) => client !== other),
    }));
    const session = await coordinator.play({ through: "share-keys", lies: { tell: cohort } });
    const { position } = session;

    await coordinator.play({ from: "mask", through: "mask", lies: { dealers: () => others } });
    const dealt = mask(session, hospitals[3]!, without(alone, victim, hospitals[3]!)).dealt;
    const renamed = dealt.map((one) => ({ ...one, dealer: alone.indexOf(hospitals[one.dealer]!) }));
    const own = { ...renamed[0]!, dealer: alone.indexOf(hospitals[3]!) };
    await coordinator.tell(victim, { kind: "mask", position, request: { dealers: everybody, dealt: [...renamed, own] } });
    expect(headerOf(session, victim).header.complaints).toEqual([0, 1, 3, 4, 5]);

    await coordinator.play({ from: "attest", through: "attest", lies: { survivors: () => others } });
    await coordinator.tell(victim, { kind: "attest", position, request: { survivors: everybody } });

    const tell = toldToAll("reveal", (honest, _, to) => ({ ...honest, request: reveal(session, to, others) }));
    await coordinator.play({ from: "reveal", lies: { tell } });
    expect(federation.refusalsOf(victim)).toEqual(["bad-signature"]);
    expect(federation.refusing).toEqual([victim]);
    expect(openedBy(federation)).toMatchObject([{ clients: others }]);
  });
});

test("a session goes well without a client that will not mask for its dealers", async () => {
  const tell = toldTo(victim, "mask", (honest) => ({ ...honest, request: { ...honest.request, dealt: [] } }));
  await expectOthersDone({ lies: { tell }, code: "missing-share" });
});

// Above 128 clients each draws its own holders (SECAGG 2.5), so that dropouts within the budget can be aimed at them.

const wards: readonly ClientId[] = Array.from({ length: 129 }, (_, index) => parseClientId(`ward-${1001 + index}`));

/** The adverts of clients that take no further part. */
function advertiseAll(session: Session): void {
  const { context } = session;
  for (const client of wards) {
    const seed = toSeed(sha256(utf8(`keys of ${client}`)));
    session.adverts.set(client, advertise({ context, client, signingKey: identityOf(client).secretKey, seed }).advert);
  }
}

test("a client masks nothing when too many of those that hold its shares are called dropped, though few of all are: too-few-holders", async () => {
  await underAttack({ clients: [victim] }, async (federation) => {
    const { coordinator } = federation;
    coordinator.roster = rosterWith({ clients: [victim, ...wards].map(enrolled) });
    const session = await coordinator.play({ through: "advertise" });
    advertiseAll(session);
    await coordinator.play({ from: "share-keys", through: "share-keys" });

    const { holders } = session.bundles.get(victim)!;
    const { holderCount, threshold, dropoutMax } = parametersOf(session);
    expect(holders).toHaveLength(holderCount);
    const dropped = holders.slice(0, holderCount - threshold + 1);
    expect(dropped.length).toBeLessThanOrEqual(dropoutMax);

    const live = [...cohortOf(session).keys()].filter((index) => !dropped.includes(index));
    expect(live).toContain(indexIn(session, victim));
    await coordinator.tell(victim, { kind: "mask", position: session.position, request: { dealers: membersOf(130, live), dealt: [] } });
    expect(federation.refusalsOf(victim)).toEqual(["too-few-holders"]);
    expect(coordinator.heardFrom(victim).map(({ kind }) => kind)).toEqual(["ready", "advert", "shares", "withdrawal"]);
  });
});
