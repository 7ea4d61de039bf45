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
import { canUnmask, receiveReveal } from "./revealing.ts";
import { unmask } from "./unmasking.ts";

const fixture = createFixture({ clientCount: 5, tolerance: { gamma: 0, delta: 0.4 } });
const collecting = value(collectingStage(value(sharingStage(keyingStage(fixture), [0, 1, 2, 3, 4])), [0, 1, 2, 3]));
const attesting = value(attestingStage(collecting, [0, 1, 2]));
const stage = value(unmaskingStage(attesting, [0, 1, 2]));
const { server } = stage;
const own = 1;
const shares = stage.reveals.get(own)!;
const dropped = shares.findIndex(({ owner }) => owner === 3);
const survivor = shares.findIndex(({ owner }) => owner === 2);
const itself = shares.findIndex(({ owner }) => owner === own);

/** What comes of survivor 1's shares with one changed. */
function refusalOf(position: number, changes: Partial<RevealedShare>): string | null {
  return codeOf(receiveReveal(server, own, shares.with(position, { ...shares[position]!, ...changes })));
}

const flipped = (bytes: Uint8Array): Uint8Array => bytes.with(0, bytes[0]! ^ 1);

test("the same shares again are known as such, others are refused", () => {
  const { state } = value(receiveReveal(server, own, shares));
  expect(value(receiveReveal(state, own, structuredClone(shares)))).toEqual({ state, repeated: true });
  expect(codeOf(receiveReveal(state, own, shares.slice(1)))).toBe("conflicting-message");
  expect(codeOf(receiveReveal(state, own, shares.with(0, { ...shares[0]!, share: flipped(shares[0]!.share) })))).toBe(
    "conflicting-message",
  );
});

test("shares of who is not a survivor are refused", () => {
  expect(codeOf(receiveReveal(server, 3, shares))).toBe("not-a-member");
  expect(codeOf(receiveReveal(server, 4, shares))).toBe("not-a-member");
});

test("a share of the wrong kind, of who dealt nothing, or a second one of an owner is refused", () => {
  const { held } = attesting.attestations.get(own)!.state;
  const masksOf2 = held.find(({ dealer }) => dealer === 2)!.shares.mask;
  expect(refusalOf(survivor, { kind: "mask", share: masksOf2 })).toBe("unexpected-share");
  expect(refusalOf(dropped, { kind: "self" })).toBe("unexpected-share");
  expect(refusalOf(survivor, { owner: 4 })).toBe("unexpected-share");
  expect(refusalOf(survivor, { owner: 99 })).toBe("unexpected-share");
  expect(codeOf(receiveReveal(server, own, [...shares, shares[0]!]))).toBe("unexpected-share");
});

test("a holder that lies about a share, or a client about its own seed, is refused by name", () => {
  expect(refusalOf(survivor, { share: flipped(shares[survivor]!.share) })).toBe("secret-mismatch");
  expect(refusalOf(dropped, { share: flipped(shares[dropped]!.share) })).toBe("secret-mismatch");
  expect(refusalOf(itself, { share: flipped(shares[itself]!.share) })).toBe("secret-mismatch");
  const others = stage.reveals.get(0)!.find(({ owner }) => owner === 3)!;
  expect(refusalOf(dropped, { share: others.share })).toBe("secret-mismatch");
});

test("a share of another length is refused", () => {
  expect(refusalOf(dropped, { share: new Uint8Array(31) })).toBe("malformed");
});

test("a holder may keep shares back, and the threshold of the others does", () => {
  const { state } = value(receiveReveal(revealed(stage, [0]), own, shares.toSpliced(dropped, 1)));
  expect(canUnmask(state)).toBe(false);
  expect(codeOf(unmask(state))).toBe("missing-share");
  const enough = value(receiveReveal(state, 2, stage.reveals.get(2)!)).state;
  expect(canUnmask(enough)).toBe(true);
  expect(codeOf(unmask(enough))).toBeNull();
});
