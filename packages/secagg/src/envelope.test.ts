import { concatBytes } from "@sotto/base";
import { expect, test } from "vitest";
import { deriveShares, type EnvelopeBinding, envelopeBytes, openShares, sealShares } from "./envelope.ts";
import { seedOf } from "./session-fixture.ts";
import { flipped } from "./testing/signing.ts";

const binding: EnvelopeBinding = {
  keys: concatBytes(seedOf("envelope", 0), seedOf("derived self", 0), seedOf("derived mask", 0)),
  cohortDigest: seedOf("d1", 0),
  place: { dealer: 3, holder: 1, coordinate: 2 },
};
const pair = { self: seedOf("self", 0), mask: seedOf("mask", 0) };

/** The binding with one thing of it changed. */
const others: readonly EnvelopeBinding[] = [
  { ...binding, keys: concatBytes(seedOf("envelope", 1), binding.keys.subarray(32)) },
  { ...binding, cohortDigest: seedOf("d1", 1) },
  { ...binding, place: { dealer: 1, holder: 3, coordinate: 2 } },
  { ...binding, place: { ...binding.place, dealer: 4 } },
  { ...binding, place: { ...binding.place, holder: 2 } },
  { ...binding, place: { ...binding.place, coordinate: 3 } },
];

test("an envelope opens to the two shares that were sealed", () => {
  const envelope = sealShares(binding, pair);
  expect(envelope.length).toBe(envelopeBytes);
  expect(openShares(binding, envelope)).toEqual(pair);
});

test("an envelope for another key, cohort, dealer, holder or coordinate does not open", () => {
  const envelope = sealShares(binding, pair);
  for (const other of others) expect(openShares(other, envelope)).toBeNull();
});

test("an envelope with any byte changed, or one missing, does not open", () => {
  const envelope = sealShares(binding, pair);
  for (let at = 0; at < envelope.length; at++) expect(openShares(binding, flipped(envelope, at))).toBeNull();
  expect(openShares(binding, envelope.subarray(1))).toBeNull();
  expect(openShares(binding, new Uint8Array(0))).toBeNull();
});

test("derived shares are what stands beside the key of the envelope, and are copies of it", () => {
  const { self, mask } = deriveShares(binding);
  expect([self, mask]).toEqual([seedOf("derived self", 0), seedOf("derived mask", 0)]);
  self.fill(0);
  expect(deriveShares(binding).self).toEqual(seedOf("derived self", 0));
});
