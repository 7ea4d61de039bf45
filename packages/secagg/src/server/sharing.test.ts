import { expect, test } from "vitest";
import type { ShareBundle } from "../messages.ts";
import { codeOf, createFixture, keyingStage, sharingStage, value } from "../session-fixture.ts";
import { flipped, signedBundle } from "../testing/signing.ts";
import { closeShares, receiveShares } from "./sharing.ts";

const fixture = createFixture({ clientCount: 4, tolerance: { gamma: 0, delta: 0.25 } });
const { server, bundles, states } = value(sharingStage(keyingStage(fixture), [0, 1, 2, 3]));
const [bundle] = bundles as [ShareBundle];

function refusalOf(changes: Partial<ShareBundle>): string | null {
  return codeOf(receiveShares(server, 0, { ...bundle, ...changes }));
}

test("the same bundle again is known as such, another one is refused", () => {
  const { state } = value(receiveShares(server, 0, bundle));
  expect(value(receiveShares(state, 0, structuredClone(bundle)))).toEqual({ state, repeated: true });
  for (const other of [
    { leaves: bundle.leaves.map((leaf) => flipped(leaf)) },
    { envelopes: [] },
    { holders: [1, 2] },
    { signature: flipped(bundle.signature) },
  ]) {
    expect(codeOf(receiveShares(state, 0, { ...bundle, ...other }))).toBe("conflicting-message");
  }
});

test("holders other than everybody else are refused", () => {
  for (const holders of [[1, 2], [0, 1, 2], [3, 2, 1], [1, 1, 2], [1, 2, 4], [1, 2, 3, 4], [-1, 1, 2], []]) {
    expect(refusalOf({ holders })).toBe("bad-holders");
  }
});

test("a bundle holds an envelope for each holder that does not derive its shares, and no more", () => {
  expect(bundle.leaves.length).toBe(3);
  expect(bundle.envelopes.length).toBe(2);
  expect(refusalOf({ envelopes: [...bundle.envelopes, bundle.envelopes[0]!] })).toBe("malformed");
  expect(refusalOf({ envelopes: [] })).toBe("malformed");
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

test("a signature over another threshold, cohort, or by another client is refused", () => {
  const { seat } = states[0]!;
  const { cohort } = seat;
  const refusalBy = (changes: Partial<typeof seat>): string | null =>
    codeOf(receiveShares(server, 0, signedBundle({ ...seat, ...changes }, bundle)));
  expect(refusalBy({})).toBeNull();
  expect(refusalBy({ cohort: { ...cohort, parameters: { ...cohort.parameters, threshold: 3 } } })).toBe("bad-signature");
  expect(refusalBy({ cohort: { ...cohort, digest: flipped(cohort.digest) } })).toBe("bad-signature");
  expect(refusalBy({ cohort: { ...cohort, contextDigest: flipped(cohort.contextDigest) } })).toBe("bad-signature");
  expect(refusalBy({ index: 1 })).toBe("bad-signature");
  expect(refusalBy({ sign: states[1]!.seat.sign })).toBe("bad-signature");
});

test("who is not of the cohort can deal nothing: its index is the caller's bug", () => {
  expect(() => receiveShares(server, 4, bundle)).toThrow("client index < cohort size");
});

test("the share graph is that of the holders in the bundles of those who dealt", () => {
  const closed = value(closeShares([2, 0, 1].reduce((state, index) => value(receiveShares(state, index, bundles[index]!)).state, server)));
  expect(closed.graph.holders).toEqual([[1, 2, 3], [0, 2, 3], [0, 1, 3], []]);
  expect(closed.graph.dealers[3]).toEqual([0, 1, 2].map((dealer) => ({ dealer, position: 2 })));
});

test("too few dealers close nothing", () => {
  const two = [0, 1].reduce((state, index) => value(receiveShares(state, index, bundles[index]!)).state, server);
  expect(codeOf(closeShares(two))).toBe("too-few-dealers");
});
