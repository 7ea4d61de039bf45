import { expect, test } from "vitest";
import type { RevealedShare } from "../messages.ts";
import {
  attestingStage,
  codeOf,
  collectingStage,
  createFixture,
  keyingStage,
  revealed,
  sharingStage,
  unmaskingStage,
  value,
} from "../session-fixture.ts";
import { flipped, signedReveal } from "../testing/signing.ts";
import { canUnmask, receiveReveal, revealRequestFor } from "./revealing.ts";
import { unmask } from "./unmasking.ts";

const fixture = createFixture({ clientCount: 5, tolerance: { gamma: 0, delta: 0.4 } });
const sharing = value(sharingStage(keyingStage(fixture), [0, 1, 2, 3, 4]));
const collecting = value(collectingStage(sharing, [0, 1, 2, 3]));
const attesting = value(attestingStage(collecting, [0, 1, 2]));
const stage = value(unmaskingStage(attesting, [0, 1, 2]));
const { server } = stage;
const own = 1;
const { seat } = attesting.attestations.get(own)!.state;
const honest = stage.reveals.get(own)!;
const { shares } = honest;
const dropped = shares.findIndex(({ owner }) => owner === 3);
const survivor = shares.findIndex(({ owner }) => owner === 2);
const itself = shares.findIndex(({ owner }) => owner === own);

/** What comes of these shares, signed by survivor 1. */
function codeOfShares(changed: readonly RevealedShare[]): string | null {
  return codeOf(receiveReveal(server, own, signedReveal(seat, server.survivorsDigest, changed)));
}

/** What comes of survivor 1's shares with one changed and all signed. */
function refusalOf(position: number, changes: Partial<RevealedShare>): string | null {
  return codeOfShares(shares.with(position, { ...shares[position]!, ...changes }));
}

test("a reveal request holds a quorum's signatures, and the headers of neighbours that survived and are not of the quorum", () => {
  const five = value(unmaskingStage(value(attestingStage(value(collectingStage(sharing, [0, 1, 2, 3, 4])), [0, 1, 2, 3])), [3, 1, 2]));
  const request = revealRequestFor(five.server, 1);
  expect(request.signatures.map(({ index }) => index)).toEqual([1, 2, 3]);
  expect(request.headers.map(({ index }) => index)).toEqual([0]);
  expect(request.headers[0]!.header).toEqual(five.server.headers.get(0));
  expect(revealRequestFor(five.server, 0).headers).toEqual([]);
  expect(() => revealRequestFor(five.server, 4)).toThrow("a reveal request goes to a survivor");
});

test("the same shares again are known as such, others are refused", () => {
  const { state } = value(receiveReveal(server, own, honest));
  expect(value(receiveReveal(state, own, structuredClone(honest)))).toEqual({ state, repeated: true });
  const others = [shares.slice(1), shares.with(0, { ...shares[0]!, share: flipped(shares[0]!.share) }), []];
  for (const other of others) expect(codeOf(receiveReveal(state, own, { ...honest, shares: other }))).toBe("conflicting-message");
  expect(codeOf(receiveReveal(state, own, { ...honest, signature: flipped(honest.signature) }))).toBe("conflicting-message");
});

test("shares of who is not a survivor are refused", () => {
  expect(codeOf(receiveReveal(server, 3, honest))).toBe("not-a-member");
  expect(codeOf(receiveReveal(server, 4, honest))).toBe("not-a-member");
});

test("shares that their sender did not sign for these survivors are refused: an unsigned lie has no author", () => {
  const signedFor = (digest: Uint8Array, by = seat) => codeOf(receiveReveal(server, own, signedReveal(by, digest, shares)));
  expect(signedFor(server.survivorsDigest)).toBeNull();
  expect(signedFor(flipped(server.survivorsDigest))).toBe("bad-signature");
  expect(signedFor(server.survivorsDigest, attesting.attestations.get(0)!.state.seat)).toBe("bad-signature");
  expect(codeOf(receiveReveal(server, own, { ...honest, signature: new Uint8Array(0) }))).toBe("bad-signature");
  const lie = shares.with(survivor, { ...shares[survivor]!, share: flipped(shares[survivor]!.share) });
  expect(codeOf(receiveReveal(server, own, { ...honest, shares: lie }))).toBe("bad-signature");
  expect(codeOf(receiveReveal(server, own, { ...honest, shares: shares.toReversed() }))).toBe("bad-signature");
});

test("a reveal of nothing is refused", () => {
  expect(codeOf(receiveReveal(server, own, { ...honest, shares: [] }))).toBe("malformed");
});

test("a share of the wrong kind, of who dealt nothing, or a second one of an owner is refused", () => {
  const { held } = attesting.attestations.get(own)!.state;
  const masksOf2 = held.find(({ dealer }) => dealer === 2)!.shares.mask;
  expect(refusalOf(survivor, { kind: "mask", share: masksOf2 })).toBe("unexpected-share");
  expect(refusalOf(dropped, { kind: "self" })).toBe("unexpected-share");
  expect(refusalOf(survivor, { owner: 4 })).toBe("unexpected-share");
  expect(refusalOf(survivor, { owner: 99 })).toBe("unexpected-share");
  expect(codeOfShares([...shares, shares[0]!])).toBe("unexpected-share");
});

test("a holder that lies about a share, or a client about its own seed, is refused by name", () => {
  expect(refusalOf(survivor, { share: flipped(shares[survivor]!.share) })).toBe("secret-mismatch");
  expect(refusalOf(dropped, { share: flipped(shares[dropped]!.share) })).toBe("secret-mismatch");
  expect(refusalOf(itself, { share: flipped(shares[itself]!.share) })).toBe("secret-mismatch");
  const others = stage.reveals.get(0)!.shares.find(({ owner }) => owner === 3)!;
  expect(refusalOf(dropped, { share: others.share })).toBe("secret-mismatch");
});

test("a share of another length is refused", () => {
  expect(refusalOf(dropped, { share: new Uint8Array(31) })).toBe("malformed");
});

test("a holder may keep shares back, and the threshold of the others does", () => {
  const kept = signedReveal(seat, server.survivorsDigest, shares.toSpliced(dropped, 1));
  const { state } = value(receiveReveal(revealed(stage, [0]), own, kept));
  expect(canUnmask(state)).toBe(false);
  expect(codeOf(unmask(state))).toBe("missing-share");
  const enough = value(receiveReveal(state, 2, stage.reveals.get(2)!)).state;
  expect(canUnmask(enough)).toBe(true);
  expect(codeOf(unmask(enough))).toBeNull();
});
