import { type Members, membersOf } from "@sotto/base";
import { sha256Digest } from "@sotto/crypto";
import { expect, test } from "vitest";
import { signHeaderContent } from "../header.ts";
import { heldRoot } from "../held-shares.ts";
import type { DealtShare, MaskRequest, ShareBundle } from "../messages.ts";
import { maskRequestFor, receiveHeader } from "../server/collecting.ts";
import { closeShares, receiveShares } from "../server/sharing.ts";
import { codeOf, collectingStage, createFixture, keyingStage, sharingStage, value } from "../session-fixture.ts";
import { flipped, signedBundle } from "../testing/signing.ts";
import { type SharingState, secretsOf } from "./state.ts";
import { prepareMasks, signHeader } from "./submitting.ts";

const fixture = createFixture({ clientCount: 5, tolerance: { gamma: 0, delta: 0.4 } });
const sharing = value(sharingStage(keyingStage(fixture), [0, 1, 2, 3, 4]));
const collecting = value(collectingStage(sharing, [0, 1, 2, 3]));
const own = 1;
const state = sharing.states[own]!;
const request = maskRequestFor(collecting.server, own);
// The threshold is 2: client 1 is the first holder of dealer 0, which seals nothing for it, and the second holder of dealers 2 and 3, which do.
const [derived, sealed, otherSealed] = request.dealt as [DealtShare, DealtShare, DealtShare];

function refusalOf(changes: Partial<MaskRequest>, from: SharingState = state): string | null {
  return codeOf(prepareMasks(from, { ...request, ...changes }));
}

/** The request with the share of one dealer changed. */
function withShare(share: DealtShare, changes: Partial<DealtShare>): MaskRequest {
  return { ...request, dealt: request.dealt.map((dealt) => (dealt === share ? { ...dealt, ...changes } : dealt)) };
}

/** Whom the client complains of when told this. */
function complaintsAt(told: MaskRequest): readonly number[] {
  return value(prepareMasks(state, told)).state.complaints;
}

test("an honest request gives one self mask, and one mask a dealer with opposite signs at its ends", () => {
  const { masks, cohortSize, consumed, state: next } = value(prepareMasks(state, request));
  expect(cohortSize).toBe(5);
  expect(masks.map(({ sign }) => sign)).toEqual([1, -1, 1, 1]);
  const peer = value(prepareMasks(sharing.states[2]!, maskRequestFor(collecting.server, 2)));
  expect(peer.masks[2]).toEqual({ key: masks[2]!.key, sign: -1 });
  expect(next.complaints).toEqual([]);
  expect(next.neighbours).toEqual([0, 2, 3]);
  // Both session secret keys, the four keys that open envelopes, and the mask key shared with client 4, who dealt nothing.
  expect(consumed.length).toBe(2 + 4 + 1);
  expect(secretsOf(next).length).toBe(1 + 2 * 3);
});

test("shares that are sealed and shares that are derived are both held", () => {
  expect([derived, sealed, otherSealed].map(({ envelope }) => envelope.length)).toEqual([0, 80, 80]);
  const { held } = value(prepareMasks(state, request)).state;
  expect(held.map(({ dealer }) => dealer)).toEqual([0, 2, 3]);
});

test("dealers of another cohort size are refused", () => {
  expect(refusalOf({ dealers: membersOf(6, [0, 1, 2, 3]) })).toBe("dealer-not-in-cohort");
});

test("a share of someone who is not a dealer is refused", () => {
  const other = maskRequestFor(value(collectingStage(sharing, [0, 1, 2, 3, 4])).server, own);
  expect(refusalOf({ dealt: other.dealt })).toBe("dealer-not-in-cohort");
  for (const dealer of [77, -1, 0.5]) expect(refusalOf({ dealt: [...request.dealt, { ...derived, dealer }] })).toBe("dealer-not-in-cohort");
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

test("a missing share is refused where everybody deals to everybody", () => {
  for (const [position] of request.dealt.entries())
    expect(refusalOf({ dealt: request.dealt.toSpliced(position, 1) })).toBe("missing-share");
});

test("a share twice, or of the client itself, is refused", () => {
  expect(refusalOf({ dealt: [...request.dealt, sealed] })).toBe("unexpected-share");
  expect(refusalOf({ dealt: [...request.dealt, { ...sealed, dealer: own }] })).toBe("unexpected-share");
});

test("a coordinate that no holder has is refused", () => {
  for (const coordinate of [0, 5, -1, 1.5, Number.NaN]) {
    expect(codeOf(prepareMasks(state, withShare(sealed, { coordinate })))).toBe("malformed");
  }
});

test("fields of the wrong length are refused", () => {
  expect(codeOf(prepareMasks(state, withShare(sealed, { leaf: sealed.leaf.subarray(32) })))).toBe("malformed");
  expect(codeOf(prepareMasks(state, withShare(sealed, { envelope: sealed.envelope.subarray(1) })))).toBe("malformed");
});

test("an envelope where shares are derived, or none where they are sealed, is refused", () => {
  expect(codeOf(prepareMasks(state, withShare(derived, { envelope: sealed.envelope })))).toBe("malformed");
  expect(codeOf(prepareMasks(state, withShare(sealed, { envelope: derived.envelope })))).toBe("malformed");
});

test("whatever the coordinator alters of a dealt share becomes a complaint about its dealer, and the client goes on without the share", () => {
  const altered: readonly (readonly [DealtShare, Partial<DealtShare>])[] = [
    [derived, { leaf: flipped(derived.leaf) }],
    [derived, { leaf: flipped(derived.leaf, 63) }],
    [sealed, { leaf: flipped(sealed.leaf) }],
    [sealed, { envelope: flipped(sealed.envelope) }],
    [sealed, { envelope: flipped(sealed.envelope, 79) }],
    [sealed, { coordinate: 3 }],
    [sealed, { coordinate: 1, envelope: new Uint8Array(0) }],
    [sealed, { leaf: otherSealed.leaf, envelope: otherSealed.envelope }],
  ];
  for (const [share, changes] of altered) {
    const prepared = value(prepareMasks(state, withShare(share, changes)));
    expect(prepared.state.complaints).toEqual([share.dealer]);
    expect(prepared.state.held.map(({ dealer }) => dealer)).not.toContain(share.dealer);
    // The mask is agreed on all the same: leaving it out would leave the dealer's masks uncancelled.
    expect(prepared.masks).toEqual(value(prepareMasks(state, request)).masks);
  }
});

test("two dealers' shares told as each other's are complaints about both", () => {
  const swapped = request.dealt.map((dealt) => {
    if (dealt === sealed) return { ...otherSealed, dealer: sealed.dealer };
    return dealt === otherSealed ? { ...sealed, dealer: otherSealed.dealer } : dealt;
  });
  expect(complaintsAt({ ...request, dealt: swapped })).toEqual([2, 3]);
});

test("an envelope for another recipient becomes a complaint", () => {
  const forAnother = maskRequestFor(collecting.server, 3).dealt.find((dealt) => dealt.dealer === 2)!;
  expect(forAnother.envelope.length).toBe(80);
  expect(complaintsAt(withShare(sealed, forAnother))).toEqual([2]);
  expect(complaintsAt(withShare(sealed, { ...forAnother, coordinate: sealed.coordinate }))).toEqual([2]);
});

test("shares that were dealt to another cohort become complaints, though the two clients and their keys are the same", () => {
  const smaller = value(sharingStage(keyingStage(fixture), [0, 1, 2, 3]));
  const server = smaller.bundles.reduce((s, bundle, index) => value(receiveShares(s, index, bundle)).state, smaller.server);
  const stale = maskRequestFor(value(closeShares(server)), own).dealt;
  const sizes = (dealt: readonly DealtShare[]): readonly number[] => dealt.map(({ envelope }) => envelope.length);
  expect(sizes(stale)).toEqual(sizes(request.dealt));
  expect(complaintsAt({ ...request, dealt: stale })).toEqual([0, 2, 3]);
});

test("the order in which shares are told says nothing", () => {
  const { masks, state: next } = value(prepareMasks(state, { ...request, dealt: request.dealt.toReversed() }));
  const usual = value(prepareMasks(state, request));
  expect(masks).toEqual(usual.masks);
  expect(next).toEqual(usual.state);
});

test("a header is signed over the contribution, the complaints and the shares that are held", () => {
  const prepared = value(prepareMasks(state, withShare(sealed, { envelope: flipped(sealed.envelope) })));
  const { header } = signHeader(prepared.state, sha256Digest(new Uint8Array(1)));
  const leafAt = (share: DealtShare) => ({ place: { dealer: share.dealer, holder: own, coordinate: share.coordinate }, leaf: share.leaf });
  expect(header.complaints).toEqual([2]);
  expect(header.heldRoot).toEqual(heldRoot(own, [leafAt(derived), leafAt(otherSealed)]));
  const { contextDigest } = state.seat.cohort;
  const binding = { contextDigest, dealersDigest: prepared.state.dealersDigest };
  expect(signHeaderContent(binding, header, state.seat.sign)).toEqual(header);
});

test("an envelope that its dealer signed but that does not open becomes a complaint, and the client goes on", () => {
  expect(complaintsAbout((bundle) => ({ ...bundle, envelopes: bundle.envelopes.with(0, new Uint8Array(80)) }))).toEqual([2]);
});

test("an envelope that opens to something else than its leaf becomes a complaint", () => {
  expect(complaintsAbout((bundle) => ({ ...bundle, leaves: bundle.leaves.with(1, new Uint8Array(64)) }))).toEqual([2]);
});

/** What client 1 complains of when dealer 2 deals `changed`, signed by itself, and the coordinator passes it on as it is and takes the header. */
function complaintsAbout(changed: (bundle: ShareBundle) => ShareBundle): readonly number[] {
  const dealer = 2;
  const bundles = sharing.bundles.with(dealer, signedBundle(sharing.states[dealer]!.seat, changed(sharing.bundles[dealer]!)));
  const server = [0, 1, 2, 3].reduce((s, index) => value(receiveShares(s, index, bundles[index]!)).state, sharing.server);
  const closed = value(closeShares(server));
  const prepared = value(prepareMasks(state, maskRequestFor(closed, own)));
  expect(prepared.masks.length).toBe(4);
  const { header } = signHeader(prepared.state, sha256Digest(new Uint8Array(1)));
  expect(value(receiveHeader(closed, own, header)).repeated).toBe(false);
  return header.complaints;
}

test("preparing masks twice gives the same masks, and changes nothing it was given", () => {
  const before = structuredClone({ peers: state.peers, dealers: request.dealers as Uint8Array as Members });
  expect(value(prepareMasks(state, request)).masks).toEqual(value(prepareMasks(state, request)).masks);
  expect({ peers: state.peers, dealers: request.dealers }).toEqual(before);
});
