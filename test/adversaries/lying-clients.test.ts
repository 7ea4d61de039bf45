import { type ClientId, membersOf, utf8 } from "@sotto/base";
import { ed25519Sign, sha256, transcript, x25519KeyPair } from "@sotto/crypto";
import {
  type Advert,
  contextDigest,
  type KeyingState,
  type Reveal,
  type RevealedShare,
  type RevealingState,
  type ShareBundle,
} from "@sotto/secagg";
import { expect, test } from "vitest";
import { answersTo, expectCommitted, playRound, type RoundOutcome } from "./coordinated-round.ts";
import { hospitals, identityOf, victim as liar, other } from "./hospitals.ts";
import { cases } from "./promise.ts";
import { held, type Misdeeds, type Puppet } from "./puppet.ts";
import { type Order, without } from "./relayed.ts";

// S0 and S1 of SECAGG 2.8, from the coordinator's side: a client that advertises or deals what no honest one does.

const others = without(hospitals, liar);

function playLiar(misdeeds: Misdeeds, late?: "advert" | "shares"): Promise<RoundOutcome> {
  return playRound({ misdeeds: new Map([[liar, misdeeds]]), ...(late === undefined ? {} : { late }) });
}

type Advertise = (puppet: Puppet, order: Order<"advertise">) => readonly Advert[];

/** The advert with other keys, signed again by the liar. */
function resigned({ context }: Order<"advertise">, advert: Advert, keys: Partial<Advert>): Advert {
  const { client, maskKey, envelopeKey } = { ...advert, ...keys };
  const statement = transcript("adv", contextDigest(context), utf8(client), maskKey, envelopeKey);
  return { client, maskKey, envelopeKey, signature: ed25519Sign(identityOf(liar).secretKey, statement) };
}

const adverts: Readonly<Record<string, readonly [Advertise, string]>> = {
  "a mask key of low order": [(puppet, order) => [resigned(order, puppet.advert(order), { maskKey: new Uint8Array(32) })], "weak-key"],
  "an envelope key of low order": [
    (puppet, order) => [resigned(order, puppet.advert(order), { envelopeKey: new Uint8Array(32).with(0, 1) })],
    "weak-key",
  ],
  "one key for both": [
    (puppet, order) => {
      const advert = puppet.advert(order);
      return [resigned(order, advert, { envelopeKey: advert.maskKey })];
    },
    "duplicate-key",
  ],
  "keys it did not sign": [(puppet, order) => [{ ...puppet.advert(order), signature: new Uint8Array(64) }], "bad-signature"],
  "keys in another client's name": [(puppet, order) => [resigned(order, puppet.advert(order), { client: other })], "not-a-member"],
};

test.each(cases(adverts))("a client that advertises %s is refused, and the others' round commits: %s", async (_, code, make) => {
  const outcome = await playLiar({
    advertise: async (puppet, order) => {
      for (const advert of make(puppet, order)) await puppet.submit({ kind: "advert", position: order.position, advert });
    },
  });
  expect(answersTo(outcome, liar)).toEqual(["accepted", code]);
  expectCommitted(outcome, others);
});

test("a client that advertises twice, and other keys the second time, is refused and convicted: conflicting-message", async () => {
  const outcome = await playLiar(
    {
      advertise: async (puppet, order) => {
        const { position } = order;
        const second = puppet.advert(order);
        for (const advert of [puppet.advert(order), second]) await puppet.submit({ kind: "advert", position, advert });
      },
    },
    "advert",
  );
  expect(answersTo(outcome, liar).slice(0, 3)).toEqual(["accepted", "accepted", "conflicting-message"]);
  expect(outcome.convictions).toEqual([[liar, "equivocation"]]);
  expect(outcome.abandoned).toBeNull();
});

/** The last of its holders is left out, and what was for it. */
function withoutLast({ holders, leaves, envelopes, ...rest }: ShareBundle): ShareBundle {
  return { ...rest, holders: holders.slice(0, -1), leaves: leaves.slice(0, -1), envelopes: envelopes.slice(0, -1) };
}

const bundles: Readonly<Record<string, readonly [(bundle: ShareBundle) => ShareBundle, string]>> = {
  "to fewer holders than all": [withoutLast, "bad-holders"],
  "to itself": [(bundle) => ({ ...bundle, holders: bundle.holders.with(2, 2) }), "bad-holders"],
  "in envelopes it did not sign": [
    (bundle) => ({ ...bundle, envelopes: bundle.envelopes.with(0, bundle.envelopes[0]!.with(0, bundle.envelopes[0]![0]! ^ 1)) }),
    "bad-signature",
  ],
  "of a seed it did not sign": [(bundle) => ({ ...bundle, selfSeedDigest: new Uint8Array(32) }), "bad-signature"],
};

test.each(cases(bundles))("a client that deals %s is refused, and the others' round commits: %s", async (_, code, change) => {
  const outcome = await playLiar({
    "share-keys": async (puppet, order) => {
      await puppet.submit({ kind: "shares", position: order.position, bundle: change(puppet.bundle(order)) });
    },
  });
  expect(answersTo(outcome, liar).slice(0, 3)).toEqual(["accepted", "accepted", code]);
  expectCommitted(outcome, others);
});

test("a dealer that deals twice, and other shares the second time, is refused and convicted: conflicting-message", async () => {
  const outcome = await playLiar(
    {
      "share-keys": async (puppet, order) => {
        const { position } = order;
        const second = puppet.bundle(order);
        for (const bundle of [puppet.bundle(order), second]) await puppet.submit({ kind: "shares", position, bundle });
      },
    },
    "shares",
  );
  expect(answersTo(outcome, liar).slice(0, 4)).toEqual(["accepted", "accepted", "accepted", "conflicting-message"]);
  expect(outcome.convictions).toEqual([[liar, "equivocation"]]);
  expectCommitted(outcome, hospitals);
});

function withOther(pair: "maskPair" | "envelopePair", keying: KeyingState): KeyingState {
  const { secretKey } = x25519KeyPair(sha256(utf8("another key")));
  return { ...keying, [pair]: { ...keying[pair], secretKey } };
}

/** Deals with another secret key than it advertised. */
function dealingWithOther(pair: "maskPair" | "envelopePair"): Misdeeds {
  return {
    "share-keys": async (puppet, order) => {
      const bundle = puppet.bundle(order, withOther(pair, held(puppet.keying)));
      await puppet.submit({ kind: "shares", position: order.position, bundle });
    },
  };
}

async function leave(puppet: Puppet): Promise<void> {
  puppet.disconnect();
}

test("a dealer that deals shares of another mask key than it advertised, and leaves, is convicted, and the round is abandoned in its name", async () => {
  const outcome = await playLiar({ ...dealingWithOther("maskPair"), mask: leave });
  expect(outcome.convictions).toEqual([[liar, "inconsistent-shares"]]);
  expect(outcome.abandoned?.reason).toContain("secret-mismatch");
  expect(outcome.abandoned?.reason).toContain(liar);
});

const complainedOf: readonly (readonly [string, Misdeeds, readonly ClientId[] | null])[] = [
  ["sends its seed itself, costs nobody the sum", {}, hospitals],
  ["leaves, has the round abandoned in its name", { reveal: leave }, null],
];

test.each(complainedOf)("a dealer whose shares none of its holders can use, and who %s", async (_, misdeeds, survivors) => {
  const outcome = await playLiar({ ...dealingWithOther("envelopePair"), ...misdeeds });
  if (survivors !== null) expectCommitted(outcome, survivors);
  else expect(outcome.abandoned?.reason).toContain(`${liar} (6 of its 6 holders)`);
});

// S4 of SECAGG 2.8, from the coordinator's side: a survivor that reveals what it does not hold. Four of the other six suffice, so that its lie costs nothing.

/** The round in which the liar reveals this, after what it attested; everybody else is honest. */
function playReveal(make: (puppet: Puppet, order: Order<"reveal">) => readonly Reveal[]): Promise<RoundOutcome> {
  const reveal = async (puppet: Puppet, order: Order<"reveal">): Promise<void> => {
    for (const lie of make(puppet, order)) await puppet.submit({ kind: "reveal", position: order.position, reveal: lie });
  };
  return playRound({ misdeeds: new Map([[liar, { reveal }]]), late: "reveal" });
}

/** The state with other shares of the first dealer than it was dealt. */
function withFalseShare(state: RevealingState): RevealingState {
  const [first, ...rest] = state.held;
  const shares = { self: new Uint8Array(32).fill(1), mask: new Uint8Array(32).fill(2) };
  return { ...state, held: [{ ...first!, shares }, ...rest] };
}

function withFalseSeed(state: RevealingState): RevealingState {
  return { ...state, seat: { ...state.seat, selfSeed: new Uint8Array(32).fill(3) } };
}

/** Lies that the liar signs, and what convicts it. */
const signed: Readonly<Record<string, readonly [(state: RevealingState) => RevealingState, string]>> = {
  "a share that it was not dealt": [withFalseShare, "false-share"],
  "a self seed that it did not commit to": [withFalseSeed, "false-seed"],
};

test.each(Object.entries(signed))(
  "a client that reveals %s is refused and convicted, and the round commits: secret-mismatch",
  async (_, [doctor, kind]) => {
    const outcome = await playReveal((puppet, { request }) => [puppet.revealed(request, doctor(held(puppet.revealing)))]);
    expect(answersTo(outcome, liar).at(-1)).toBe("secret-mismatch");
    expect(outcome.convictions).toEqual([[liar, kind]]);
    expectCommitted(outcome, hospitals);
  },
);

type Shares = readonly RevealedShare[];

/** Lies that are refused before anybody asks who signed them. */
const shapeless: Readonly<Record<string, readonly [(shares: Shares) => Shares, string]>> = {
  "the other kind of share of a survivor": [([first, ...rest]) => [{ ...first!, kind: "mask" }, ...rest], "unexpected-share"],
  "both kinds of share of a survivor": [([first, ...rest]) => [first!, { ...first!, kind: "mask" }, ...rest], "unexpected-share"],
  "a share of somebody who is not in the cohort": [(shares) => [...shares, { ...shares[0]!, owner: 7 }], "unexpected-share"],
  nothing: [() => [], "malformed"],
  "a share that is not the one it signed": [([first, ...rest]) => [{ ...first!, share: new Uint8Array(32) }, ...rest], "bad-signature"],
};

test.each(cases(shapeless))("a client that reveals %s is refused, and the round commits: %s", async (_, code, change) => {
  const outcome = await playReveal((puppet, { request }) => {
    const honest = puppet.revealed(request);
    return [{ ...honest, shares: change(honest.shares) }];
  });
  expect(answersTo(outcome, liar).at(-1)).toBe(code);
  expect(outcome.convictions).toEqual([]);
  expectCommitted(outcome, hospitals);
});

test("a client that reveals a share of somebody who dealt it none is refused, and the round commits: unexpected-share", async () => {
  const reveal = async (puppet: Puppet, order: Order<"reveal">): Promise<void> => {
    const honest = puppet.revealed(order.request);
    const stranger = { ...honest.shares[0]!, owner: hospitals.indexOf(other) };
    const shares = [...honest.shares, stranger].toSorted((a, b) => a.owner - b.owner);
    await puppet.submit({ kind: "reveal", position: order.position, reveal: { ...honest, shares } });
  };
  const misdeeds = new Map<ClientId, Misdeeds>([
    [liar, { reveal }],
    [other, { "share-keys": leave }],
  ]);
  const outcome = await playRound({ misdeeds, late: "reveal" });
  expect(answersTo(outcome, liar).at(-1)).toBe("unexpected-share");
  expectCommitted(outcome, without(hospitals, other));
});

test("a client that reveals twice, and something else the second time, is refused and convicted: conflicting-message", async () => {
  const outcome = await playReveal((puppet, { request }) => {
    const state = held(puppet.revealing);
    return [puppet.revealed(request), puppet.revealed(request), puppet.revealed(request, withFalseShare(state))];
  });
  expect(answersTo(outcome, liar).slice(-3)).toEqual(["accepted", "duplicate", "conflicting-message"]);
  expect(outcome.convictions).toEqual([[liar, "equivocation"]]);
  expectCommitted(outcome, hospitals);
});

test("a client that attests other survivors is refused, and the others are a quorum without it: bad-signature", async () => {
  const attest = async (puppet: Puppet, order: Order<"attest">): Promise<void> => {
    const signature = puppet.attestation({ ...order, request: { survivors: membersOf(7, [0, 1, 2, 3, 4, 5]) } });
    await puppet.submit({ kind: "attestation", position: order.position, signature });
  };
  const outcome = await playRound({ misdeeds: new Map([[liar, { attest }]]) });
  expect(answersTo(outcome, liar).at(-1)).toBe("bad-signature");
  expectCommitted(outcome, hospitals);
});
