import { type Members, membersOf } from "@sotto/base";
import { sha256Digest } from "@sotto/crypto";
import { expect, test } from "vitest";
import { bundleTree, signBundle } from "../bundle.ts";
import { merkleRoot } from "../merkle.ts";
import type { DealtShare, MaskRequest, ShareBundle } from "../messages.ts";
import { maskRequestFor, receiveHeader } from "../server/collecting.ts";
import { closeShares, receiveShares } from "../server/sharing.ts";
import { codeOf, collectingStage, createFixture, keyingStage, sharingStage, value } from "../session-fixture.ts";
import { type SharingState, secretsOf } from "./state.ts";
import { prepareMasks, signHeader } from "./submitting.ts";

const fixture = createFixture({ clientCount: 5, tolerance: { gamma: 0, delta: 0.4 } });
const sharing = value(sharingStage(keyingStage(fixture), [0, 1, 2, 3, 4]));
const collecting = value(collectingStage(sharing, [0, 1, 2, 3]));
const own = 1;
const state = sharing.states[own]!;
const request = maskRequestFor(collecting.server, own);

function refusalOf(changes: Partial<MaskRequest>, from: SharingState = state): string | null {
  return codeOf(prepareMasks(from, { ...request, ...changes }));
}

/** The request with the share of dealer 2 changed. */
function withShare(changes: Partial<DealtShare>): Partial<MaskRequest> {
  return { dealt: request.dealt.map((dealt) => (dealt.dealer === 2 ? { ...dealt, ...changes } : dealt)) };
}

test("an honest request gives one self mask, and one mask a dealer with opposite signs at its ends", () => {
  const { masks, cohortSize, consumed, state: next } = value(prepareMasks(state, request));
  expect(cohortSize).toBe(5);
  expect(masks.map(({ sign }) => sign)).toEqual([1, -1, 1, 1]);
  const peer = value(prepareMasks(sharing.states[2]!, maskRequestFor(collecting.server, 2)));
  expect(peer.masks[2]).toEqual({ key: masks[2]!.key, sign: -1 });
  expect(next.complaints).toEqual([]);
  // The four keys that open envelopes, and the mask key shared with client 4, who dealt nothing.
  expect(consumed.length).toBe(5);
  expect(secretsOf(next).length).toBe(1 + 2 * 3);
});

test("dealers of another cohort size are refused", () => {
  expect(refusalOf({ dealers: membersOf(6, [0, 1, 2, 3]) })).toBe("dealer-not-in-cohort");
});

test("a share of someone who is not a dealer is refused", () => {
  const other = maskRequestFor(value(collectingStage(sharing, [0, 1, 2, 3, 4])).server, own);
  expect(refusalOf({ dealt: other.dealt })).toBe("dealer-not-in-cohort");
  expect(refusalOf({ dealt: [...request.dealt, { ...request.dealt[0]!, dealer: 77 }] })).toBe("dealer-not-in-cohort");
  expect(refusalOf({ dealt: [...request.dealt, { ...request.dealt[0]!, dealer: -1 }] })).toBe("dealer-not-in-cohort");
});

test("dealers without the client itself are refused", () => {
  expect(refusalOf({ dealers: membersOf(5, [0, 2, 3]) })).toBe("self-missing");
});

test("a shortened set of dealers is refused", () => {
  expect(refusalOf({ dealers: membersOf(5, [0, 1]), dealt: request.dealt.slice(0, 1) })).toBe("too-few-dealers");
});

test("too few live holders of the client's own shares are refused", () => {
  const lonely: SharingState = { ...state, seat: { ...state.seat, holders: [0, 4] } };
  expect(refusalOf({}, lonely)).toBe("too-few-holders");
});

test("a missing share is refused", () => {
  expect(refusalOf({ dealt: request.dealt.slice(1) })).toBe("missing-share");
});

test("a share twice, or of the client itself, is refused", () => {
  expect(refusalOf({ dealt: [...request.dealt, request.dealt[0]!] })).toBe("unexpected-share");
  expect(refusalOf({ dealt: [...request.dealt, { ...request.dealt[0]!, dealer: own }] })).toBe("unexpected-share");
});

test("a dealer with other holders than everybody else is refused", () => {
  expect(refusalOf(withShare({ holders: [0, 1, 3] }))).toBe("bad-holders");
  expect(refusalOf(withShare({ holders: [1, 0, 3, 4] }))).toBe("bad-holders");
});

test("fields of the wrong length are refused", () => {
  const { path, leaf, envelope, selfSeedDigest } = request.dealt.find((dealt) => dealt.dealer === 2)!;
  expect(refusalOf(withShare({ leaf: leaf.subarray(32) }))).toBe("malformed");
  expect(refusalOf(withShare({ envelope: envelope.subarray(1) }))).toBe("malformed");
  expect(refusalOf(withShare({ selfSeedDigest: selfSeedDigest.subarray(1) }))).toBe("malformed");
  expect(refusalOf(withShare({ path: path.slice(1) }))).toBe("malformed");
  expect(refusalOf(withShare({ path: path.map((node) => node.subarray(1)) }))).toBe("malformed");
});

test("whatever the coordinator alters of a dealt share breaks the dealer's signature", () => {
  const dealt = request.dealt.find((share) => share.dealer === 2)!;
  const flipped = (bytes: Uint8Array): Uint8Array => bytes.with(3, bytes[3]! ^ 1);
  const other = request.dealt.find((share) => share.dealer === 3)!;
  expect(refusalOf(withShare({ leaf: flipped(dealt.leaf) }))).toBe("bad-signature");
  expect(refusalOf(withShare({ envelope: flipped(dealt.envelope) }))).toBe("bad-signature");
  expect(refusalOf(withShare({ selfSeedDigest: flipped(dealt.selfSeedDigest) }))).toBe("bad-signature");
  expect(refusalOf(withShare({ path: dealt.path.map(flipped) }))).toBe("bad-signature");
  expect(refusalOf(withShare({ signature: other.signature }))).toBe("bad-signature");
  expect(refusalOf(withShare({ ...other, dealer: 2, holders: dealt.holders }))).toBe("bad-signature");
});

test("an envelope for another recipient is refused", () => {
  const forAnother = maskRequestFor(collecting.server, 0).dealt.find((dealt) => dealt.dealer === 2)!;
  expect(refusalOf(withShare(forAnother))).toBe("bad-signature");
});

test("shares that were dealt to another cohort are refused", () => {
  const smaller = value(sharingStage(keyingStage(fixture), [0, 1, 2, 3]));
  const server = smaller.bundles.reduce((s, bundle, index) => value(receiveShares(s, index, bundle)).state, smaller.server);
  const stale = maskRequestFor(value(closeShares(server)), own).dealt.find((dealt) => dealt.dealer === 2)!;
  expect(refusalOf(withShare({ ...stale, holders: [0, 1, 3, 4] }))).toBe("bad-signature");
});

test("an envelope that its dealer signed but that does not open becomes a complaint, and the client goes on", () => {
  expect(complaintsAbout((bundle) => ({ ...bundle, envelopes: bundle.envelopes.with(1, new Uint8Array(80)) }))).toEqual([2]);
});

test("an envelope that opens to something else than its leaf becomes a complaint", () => {
  expect(complaintsAbout((bundle) => ({ ...bundle, leaves: bundle.leaves.with(1, new Uint8Array(64)) }))).toEqual([2]);
});

/** What client 1 complains of when dealer 2 deals `changed`, signed by itself, and the coordinator passes it on as it is. */
function complaintsAbout(changed: (bundle: ShareBundle) => ShareBundle): readonly number[] {
  const dealer = 2;
  const forged = resigned(dealer, changed(sharing.bundles[dealer]!));
  const bundles = sharing.bundles.with(dealer, forged);
  const server = [0, 1, 2, 3].reduce((s, index) => value(receiveShares(s, index, bundles[index]!)).state, sharing.server);
  const closed = value(closeShares(server));
  const prepared = value(prepareMasks(state, maskRequestFor(closed, own)));
  expect(prepared.masks.length).toBe(4);
  const { header } = signHeader(prepared.state, sha256Digest(new Uint8Array(1)));
  expect(value(receiveHeader(closed, own, header)).repeated).toBe(false);
  return header.complaints;
}

function resigned(dealer: number, bundle: ShareBundle): ShareBundle {
  const { cohort, signingKey } = sharing.states[dealer]!.seat;
  const { holders, selfSeedDigest } = bundle;
  const root = merkleRoot(bundleTree(bundle));
  return { ...bundle, signature: signBundle(cohort, { dealer, holders, selfSeedDigest, root }, signingKey) };
}

test("preparing masks twice gives the same masks, and changes nothing it was given", () => {
  const before = structuredClone({ peers: state.peers, dealers: request.dealers as Uint8Array as Members });
  expect(value(prepareMasks(state, request)).masks).toEqual(value(prepareMasks(state, request)).masks);
  expect({ peers: state.peers, dealers: request.dealers }).toEqual(before);
});
