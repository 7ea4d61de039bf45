import { hasMember, type Members, membersOf } from "@sotto/base";
import { sha256Digest } from "@sotto/crypto";
import { packLanes } from "@sotto/vector";
import fc from "fast-check";
import { expect, test } from "vitest";
import { prepareMasks, signHeader } from "./client/submitting.ts";
import { type MaskStreams, maskInto, removeMasksInto } from "./masking.ts";
import type { DealtShare, MaskRequest, ShareBundle } from "./messages.ts";
import { Accumulator } from "./server/accumulator.ts";
import { maskRequestFor, receiveHeader } from "./server/collecting.ts";
import { closeShares, receiveShares } from "./server/sharing.ts";
import type { CollectingServer } from "./server/state.ts";
import { unmask } from "./server/unmasking.ts";
import { codeOf, createFixture, plainSum, revealed, value } from "./session-fixture.ts";
import { neighboursOf } from "./share-graph.ts";
import { dropPlans, dropsAtOnce, everybodyShares, playedPlan, spreadDrops } from "./testing/drop-plans.ts";
import { flipped, signedBundle } from "./testing/signing.ts";

// Sessions of more than 128 clients, of which each draws its own holders.

const clientCount = 140;
const tolerance = { gamma: 0.05, delta: 0.1 };
const fixture = createFixture({ clientCount, tolerance });
const sharing = everybodyShares(fixture);
const everybody = fixture.clients.map((_, index) => index);
const { cohort } = sharing.server;
const { holderCount, threshold, dropoutMax } = cohort.parameters;
const dealt = taken(sharing.bundles);

/** The server with everybody's bundles. */
function taken(bundles: readonly ShareBundle[], dealers: readonly number[] = everybody): CollectingServer {
  return value(closeShares(dealers.reduce((s, index) => value(receiveShares(s, index, bundles[index]!)).state, sharing.server)));
}

/** A client, a dealer that picked it and it did not pick, and one that it picked too. */
const own = 100;
const { seat } = sharing.states[own]!;
const links = dealt.graph.dealers[own]!;
const oneWay = links.find(({ dealer, position }) => !seat.holders.includes(dealer) && position >= threshold)!.dealer;
const bothWays = links.find(({ dealer }) => seat.holders.includes(dealer))!.dealer;
const request = maskRequestFor(dealt, own);

function without(dealer: number): MaskRequest {
  return { ...request, dealt: request.dealt.filter((share) => share.dealer !== dealer) };
}

function withShare(dealer: number, changes: Partial<DealtShare>): MaskRequest {
  return { ...request, dealt: request.dealt.map((share) => (share.dealer === dealer ? { ...share, ...changes } : share)) };
}

test("each client deals to as many others as the parameters say, of its own draw, and masks with all it dealt to and all that dealt to it", () => {
  const lists = sharing.bundles.map(({ holders }) => holders.join());
  expect(new Set(lists).size).toBe(clientCount);
  for (const [index, { holders, leaves, envelopes }] of sharing.bundles.entries()) {
    expect(holders.length).toBe(holderCount);
    expect(holders).not.toContain(index);
    expect(leaves.length).toBe(holderCount);
    expect(envelopes.length).toBe(holderCount - threshold + 1);
  }
  const { masks, state } = value(prepareMasks(sharing.states[own]!, request));
  expect(state.neighbours).toEqual(neighboursOf(dealt.graph, own, dealt.dealers));
  expect(masks.length).toBe(1 + state.neighbours.length);
  expect(state.held.map(({ dealer }) => dealer)).toEqual(links.map(({ dealer }) => dealer));
});

test("random drops within the tolerance of 140 clients give the exact sum", { timeout: 120_000 }, () => {
  const plans = fc.oneof(dropPlans(clientCount, dropoutMax), dropsAtOnce(clientCount, dropoutMax));
  fc.assert(
    fc.property(plans, (plan) => {
      const { sum, bits } = playedPlan(sharing, plan);
      expect(sum).toEqual(plainSum(fixture, plan.survivors, bits));
    }),
    { numRuns: 2, seed: 1 },
  );
});

test("300 clients of which every tenth drops, the stages in turn, give the exact sum, and the masks left in it are those of SECAGG 2.11", {
  timeout: 120_000,
}, () => {
  const larger = createFixture({ clientCount: 300, tolerance });
  const plan = spreadDrops(300, 10);
  const { sum, bits, unmasking } = playedPlan(everybodyShares(larger), plan);
  expect(sum).toEqual(plainSum(larger, plan.survivors, bits));
  const { graph, survivors, cohort: largerCohort } = unmasking.server;
  expect(largerCohort.parameters).toMatchObject({ holderCount: 32, threshold: 15, quorum: 158 });
  const late = plan.dealers.filter((index) => !hasMember(survivors, index));
  const degrees = late.map((index) => neighboursOf(graph, index, survivors).length);
  expect(late.length).toBe(8);
  expect(value(unmask(revealed(unmasking, plan.responders))).length).toBe(
    plan.survivors.length + degrees.reduce((total, degree) => total + degree, 0),
  );
});

test("a dealer that is hidden from a client it picked leaves a mask that nothing cancels: the sum is spoilt and tells nothing", () => {
  const hidden = value(prepareMasks(sharing.states[own]!, without(oneWay)));
  const usual = value(prepareMasks(sharing.states[own]!, request));
  expect(hidden.masks.length).toBe(usual.masks.length - 1);
  expect(hidden.state.neighbours).toEqual(usual.state.neighbours.filter((peer) => peer !== oneWay));
  expect(hidden.state.complaints).toEqual([]);
  // An honest coordinator would not take the header: it names fewer shares than were dealt.
  const { header } = signHeader(hidden.state, sha256Digest(new Uint8Array(1)));
  expect(codeOf(receiveHeader(dealt, own, header))).toBe("held-mismatch");
});

test("a dealer that the client picked itself shares a mask with it, though its own share is hidden", () => {
  const hidden = value(prepareMasks(sharing.states[own]!, without(bothWays)));
  expect(hidden.masks).toEqual(value(prepareMasks(sharing.states[own]!, request)).masks);
  expect(hidden.state.held.map(({ dealer }) => dealer)).not.toContain(bothWays);
});

test("the sum with a hidden dealer is not the survivors', whatever was revealed", { timeout: 60_000 }, () => {
  const plan = spreadDrops(clientCount, clientCount + 1);
  const { collecting, unmasking, bits, sum } = playedPlan(sharing, plan);
  const accumulator = new Accumulator({ laneCount: fixture.laneCount, bits });
  const masksOf = (index: number): MaskStreams =>
    index === own ? value(prepareMasks(sharing.states[own]!, without(oneWay))).masks : collecting.submissions.get(index)!.masks;
  for (const index of plan.survivors) accumulator.add(packLanes(maskInto(fixture.contribution(index, bits), masksOf(index)), bits));
  const spoilt = [...removeMasksInto(accumulator.sum(), value(unmask(revealed(unmasking, plan.responders))), bits)];
  expect(sum).toEqual(plainSum(fixture, plan.survivors, bits));
  for (const [lane, word] of spoilt.entries()) expect(word).not.toBe(sum[lane]);
});

test("a swapped coordinate, a wrong envelope or a wrong leaf becomes a complaint about its dealer, and the client masks all the same", () => {
  const share = request.dealt.find(({ dealer }) => dealer === oneWay)!;
  const other = request.dealt.find(({ dealer, envelope }) => dealer !== oneWay && envelope.length > 0)!;
  const usual = value(prepareMasks(sharing.states[own]!, request)).masks;
  for (const changes of [
    { coordinate: share.coordinate === holderCount ? share.coordinate - 1 : share.coordinate + 1 },
    { coordinate: 1, envelope: new Uint8Array(0) },
    { envelope: flipped(share.envelope) },
    { envelope: other.envelope, leaf: other.leaf },
    { leaf: flipped(share.leaf) },
  ] satisfies Partial<DealtShare>[]) {
    const { masks, state } = value(prepareMasks(sharing.states[own]!, withShare(oneWay, changes)));
    expect(state.complaints).toEqual([oneWay]);
    expect(masks).toEqual(usual);
  }
});

test("a share that is said to be of a dealer that never picked the client becomes a complaint", () => {
  const stranger = everybody.find((index) => index !== own && !links.some(({ dealer }) => dealer === index))!;
  const made: DealtShare = { dealer: stranger, coordinate: 1, leaf: new Uint8Array(64), envelope: new Uint8Array(0) };
  const { state } = value(prepareMasks(sharing.states[own]!, { ...request, dealt: [...request.dealt, made] }));
  expect(state.complaints).toEqual([stranger]);
  // An honest coordinator passes on no such share, and takes no such complaint.
  const { header } = signHeader(state, sha256Digest(new Uint8Array(1)));
  expect(codeOf(receiveHeader(dealt, own, header))).toBe("malformed");
});

test("a complaint about a bad envelope leaves the sum exact", { timeout: 60_000 }, () => {
  const { bundle } = dealt.bundles.get(oneWay)!;
  const position = bundle.holders.indexOf(own) - (threshold - 1);
  const broken = signedBundle(sharing.states[oneWay]!.seat, {
    ...bundle,
    envelopes: bundle.envelopes.with(position, flipped(bundle.envelopes[position]!)),
  });
  const lying = { ...sharing, bundles: sharing.bundles.with(oneWay, broken) };
  // The dealer drops after dealing, so that its mask key must be rebuilt without the client that complained.
  const survivors = everybody.filter((index) => index !== oneWay);
  const { collecting, sum, bits } = playedPlan(lying, {
    clientCount,
    dealers: everybody,
    survivors,
    signers: survivors,
    responders: survivors,
  });
  expect(collecting.submissions.get(own)!.header.complaints).toEqual([oneWay]);
  expect(sum).toEqual(plainSum(fixture, survivors, bits));
});

test("holders of the wrong number, out of order, twice, outside the cohort or the dealer itself are refused, though they are signed", () => {
  const bundle = sharing.bundles[own]!;
  const { holders } = bundle;
  const unused = everybody.find((index) => index !== own && !holders.includes(index))!;
  const sorted = (list: readonly number[]): readonly number[] => list.toSorted((a, b) => a - b);
  const wrong: readonly (readonly number[])[] = [
    holders.slice(1),
    sorted([...holders, unused]),
    holders.with(0, holders[1]!).with(1, holders[0]!),
    sorted(holders.with(0, holders[1]!)),
    holders.with(holderCount - 1, clientCount),
    sorted(holders.with(0, own)),
  ];
  for (const changed of wrong) {
    expect(codeOf(receiveShares(sharing.server, own, signedBundle(seat, { ...bundle, holders: changed })))).toBe("bad-holders");
  }
  const redrawn = signedBundle(seat, { ...bundle, holders: sorted(holders.with(0, unused)) });
  expect(codeOf(receiveShares(sharing.server, own, redrawn))).toBeNull();
});

test("dealers that leave a client fewer live holders than its threshold are refused by that client, though few enough dropped", () => {
  const gone = seat.holders.slice(0, holderCount - threshold + 1);
  expect(gone.length).toBeLessThanOrEqual(dropoutMax);
  const left = everybody.filter((index) => !gone.includes(index));
  const told = (dealers: Members, index: number): MaskRequest => ({ ...maskRequestFor(taken(sharing.bundles, left), index), dealers });
  expect(codeOf(prepareMasks(sharing.states[own]!, told(membersOf(clientCount, left), own)))).toBe("too-few-holders");
  const spared = membersOf(clientCount, [...left, gone[0]!]);
  expect(codeOf(prepareMasks(sharing.states[own]!, told(spared, own)))).toBeNull();
});
