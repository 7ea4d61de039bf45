import { expect, test } from "vitest";
import { signHeaderContent } from "../header.ts";
import type { ConsistencySignature, MaskedHeader, RevealRequest, SignedHeader } from "../messages.ts";
import { revealRequestFor } from "../server/revealing.ts";
import {
  attestingStage,
  codeOf,
  collectingStage,
  createFixture,
  keyingStage,
  sharingStage,
  unmaskingStage,
  value,
} from "../session-fixture.ts";
import { flipped, signedReveal } from "../testing/signing.ts";
import { reveal } from "./revealing.ts";
import { secretsOf } from "./state.ts";

const fixture = createFixture({ clientCount: 6, tolerance: { gamma: 0, delta: 0.34 } });
const sharing = value(sharingStage(keyingStage(fixture), [0, 1, 2, 3, 4, 5]));
const collecting = value(collectingStage(sharing, [0, 1, 2, 3, 4, 5]));
const attesting = value(attestingStage(collecting, [0, 1, 2, 3, 4]));
// The quorum is 4: the coordinator passes on the signatures of clients 0 to 3, and the header of client 4, who survived too.
const unmasking = value(unmaskingStage(attesting, [0, 1, 2, 3, 4]));
const own = 1;
const { state } = attesting.attestations.get(own)!;
const request = revealRequestFor(unmasking.server, own);
const { signatures } = request;

function refusalOf(changes: Partial<RevealRequest>): string | null {
  return codeOf(reveal(state, { ...request, ...changes }));
}

/** What comes of a changed header of survivor 4. */
function refusalOfHeader(changes: Partial<MaskedHeader>): string | null {
  return refusalOf({ headers: request.headers.map(({ index, header }): SignedHeader => ({ index, header: { ...header, ...changes } })) });
}

test("the coordinator's request holds a quorum's signatures, and the header of each neighbour in the survivors that is not a signer", () => {
  expect(signatures.map(({ index }) => index)).toEqual([0, 1, 2, 3]);
  expect(request.headers.map(({ index }) => index)).toEqual([4]);
});

test("with a quorum a client gives its own seed, self shares of survivors, mask shares of who dropped after dealing, and nothing of others", () => {
  const { reveal: revealed, consumed } = value(reveal(state, request));
  const { shares } = revealed;
  expect(shares.map(({ owner, kind }) => [owner, kind])).toEqual([
    [0, "self"],
    [1, "self"],
    [2, "self"],
    [3, "self"],
    [4, "self"],
    [5, "mask"],
  ]);
  expect(shares[1]!.share).toEqual(state.seat.selfSeed);
  for (const owner of [0, 2, 3, 4]) expect(shares[owner]!.share).toEqual(state.held.find(({ dealer }) => dealer === owner)!.shares.self);
  expect(shares[5]!.share).toEqual(state.held.find(({ dealer }) => dealer === 5)!.shares.mask);
  expect(consumed).toEqual(secretsOf(state));
});

test("what is revealed is signed for these survivors, every share of it", () => {
  const { shares, signature } = value(reveal(state, request)).reveal;
  expect(signedReveal(state.seat, state.survivorsDigest, shares).signature).toEqual(signature);
  expect(signedReveal(state.seat, flipped(state.survivorsDigest), shares).signature).not.toEqual(signature);
  for (const [position, share] of shares.entries()) {
    const changed = shares.with(position, { ...share, share: flipped(share.share) });
    expect(signedReveal(state.seat, state.survivorsDigest, changed).signature).not.toEqual(signature);
  }
});

test("wiping what was consumed leaves what is to be sent", () => {
  const again = { ...state, seat: { ...state.seat, selfSeed: state.seat.selfSeed.slice() }, held: structuredClone(state.held) };
  const revealed = value(reveal(again, request));
  for (const secret of revealed.consumed) secret.fill(0);
  expect(revealed.reveal).toEqual(value(reveal(state, request)).reveal);
});

test("one signature less than the quorum is refused", () => {
  expect(refusalOf({ signatures: signatures.slice(1) })).toBe("too-few-signatures");
  expect(refusalOf({ signatures: [] })).toBe("too-few-signatures");
});

test("a quorum that counts a signer twice is refused", () => {
  expect(refusalOf({ signatures: [...signatures.slice(1), signatures[1]!] })).toBe("duplicate-signer");
});

test("a signer who is not a survivor is refused", () => {
  expect(refusalOf({ signatures: [...signatures, { ...signatures[0]!, index: 5 }] })).toBe("not-a-member");
  expect(refusalOf({ signatures: [...signatures, { ...signatures[0]!, index: 99 }] })).toBe("not-a-member");
});

test("signatures over another survivor set, or of another signer, are refused", () => {
  const rival = value(attestingStage(collecting, [0, 1, 2, 3, 4, 5]));
  const overRival = signatures.map(({ index }): ConsistencySignature => ({ index, signature: rival.attestations.get(index)!.signature }));
  expect(refusalOf({ signatures: overRival })).toBe("bad-signature");
  expect(refusalOf({ signatures: signatures.with(0, { index: 0, signature: signatures[1]!.signature }) })).toBe("bad-signature");
  expect(refusalOf({ signatures: signatures.with(0, { index: 0, signature: new Uint8Array(0) }) })).toBe("bad-signature");
});

test("a survivor that neither signed nor has a header is refused", () => {
  expect(refusalOf({ headers: [] })).toBe("missing-header");
  expect(refusalOf({ headers: [{ ...request.headers[0]!, index: 3 }] })).toBe("missing-header");
});

test("with the signature of every survivor no header is needed", () => {
  const everybody = [...attesting.attestations].map(([index, { signature }]): ConsistencySignature => ({ index, signature }));
  expect(value(reveal(state, { signatures: everybody, headers: [] })).reveal).toEqual(value(reveal(state, request)).reveal);
});

test("a survivor that was shown other dealers is refused: its masks die with them, and its self share would open it", () => {
  const fewer = value(collectingStage(sharing, [0, 1, 2, 3, 4]));
  expect(refusalOfHeader(fewer.submissions.get(4)!.header)).toBe("bad-signature");
});

test("whatever the coordinator alters of a header breaks its signature", () => {
  const other = collecting.submissions.get(3)!.header;
  const { heldRoot } = request.headers[0]!.header;
  expect(refusalOfHeader({ contributionDigest: other.contributionDigest })).toBe("bad-signature");
  expect(refusalOfHeader({ complaints: [0] })).toBe("bad-signature");
  expect(refusalOfHeader({ heldRoot: flipped(heldRoot) })).toBe("bad-signature");
  expect(refusalOfHeader(other)).toBe("bad-signature");
});

test("a header of another session is refused", () => {
  const { seat } = collecting.submissions.get(4)!.state;
  const binding = { contextDigest: flipped(seat.cohort.contextDigest), dealersDigest: state.dealersDigest };
  expect(refusalOfHeader(signHeaderContent(binding, request.headers[0]!.header, seat.sign))).toBe("bad-signature");
});

test("complaints that are not cohort indices in order are refused", () => {
  for (const complaints of [[3, 0], [0, 0], [6], [-1], [0.5]]) expect(refusalOfHeader({ complaints })).toBe("malformed");
});

test("headers of those who signed, or who are no neighbours, are not looked at", () => {
  const noise: SignedHeader = { index: 2, header: { ...request.headers[0]!.header, complaints: [9, 9] } };
  const stranger: SignedHeader = { ...noise, index: 77 };
  expect(refusalOf({ headers: [noise, ...request.headers, stranger] })).toBeNull();
});

test("a refusal reveals nothing and leaves the state as it was", () => {
  const before = structuredClone(secretsOf(state));
  expect(refusalOf({ headers: [] })).toBe("missing-header");
  expect(secretsOf(state)).toEqual(before);
});
