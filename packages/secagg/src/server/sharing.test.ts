import { expect, test } from "vitest";
import type { ShareBundle } from "../messages.ts";
import { codeOf, createFixture, keyingStage, sharingStage, value } from "../session-fixture.ts";
import { closeShares, receiveShares } from "./sharing.ts";

const fixture = createFixture({ clientCount: 4, tolerance: { gamma: 0, delta: 0.25 } });
const { server, bundles } = value(sharingStage(keyingStage(fixture), [0, 1, 2, 3]));
const [bundle] = bundles as [ShareBundle];

function refusalOf(changes: Partial<ShareBundle>): string | null {
  return codeOf(receiveShares(server, 0, { ...bundle, ...changes }));
}

const flipped = (bytes: Uint8Array): Uint8Array => bytes.with(0, bytes[0]! ^ 1);

test("the same bundle again is known as such, another one is refused", () => {
  const { state } = value(receiveShares(server, 0, bundle));
  expect(value(receiveShares(state, 0, structuredClone(bundle)))).toEqual({ state, repeated: true });
  for (const other of [
    { leaves: bundle.leaves.map(flipped) },
    { envelopes: [] },
    { holders: [1, 2] },
    { signature: flipped(bundle.signature) },
  ]) {
    expect(codeOf(receiveShares(state, 0, { ...bundle, ...other }))).toBe("conflicting-message");
  }
});

test("holders other than everybody else are refused", () => {
  for (const holders of [[1, 2], [0, 1, 2], [3, 2, 1], [1, 2, 3, 4], []]) expect(refusalOf({ holders })).toBe("bad-holders");
});

test("fields of the wrong length or number are refused", () => {
  expect(refusalOf({ selfSeedDigest: new Uint8Array(31) })).toBe("malformed");
  expect(refusalOf({ leaves: bundle.leaves.slice(1) })).toBe("malformed");
  expect(refusalOf({ leaves: bundle.leaves.map((leaf) => leaf.subarray(32)) })).toBe("malformed");
  expect(refusalOf({ envelopes: bundle.envelopes.slice(1) })).toBe("malformed");
  expect(refusalOf({ envelopes: bundle.envelopes.map((envelope) => envelope.subarray(1)) })).toBe("malformed");
});

test("what its dealer did not sign is refused", () => {
  expect(refusalOf({ selfSeedDigest: flipped(bundle.selfSeedDigest) })).toBe("bad-signature");
  expect(refusalOf({ leaves: bundle.leaves.with(1, flipped(bundle.leaves[1]!)) })).toBe("bad-signature");
  expect(refusalOf({ envelopes: bundle.envelopes.with(1, flipped(bundle.envelopes[1]!)) })).toBe("bad-signature");
  expect(refusalOf({ leaves: bundle.leaves.toReversed(), envelopes: bundle.envelopes.toReversed() })).toBe("bad-signature");
  expect(refusalOf({ signature: bundles[1]!.signature })).toBe("bad-signature");
});

test("too few dealers close nothing", () => {
  const two = [0, 1].reduce((state, index) => value(receiveShares(state, index, bundles[index]!)).state, server);
  expect(codeOf(closeShares(two))).toBe("too-few-dealers");
});
