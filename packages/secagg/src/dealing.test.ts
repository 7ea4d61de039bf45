import { seededRng } from "@sotto/crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { dealShares, derivedCount, wipeShares } from "./dealing.ts";
import { sessionParameters } from "./parameters.ts";
import { seedOf } from "./session-fixture.ts";
import { combineShares } from "./shamir.ts";
import type { SharePair } from "./share-leaf.ts";

const kinds = ["self", "mask"] as const;

/** A dealing of these sizes, of coins of its own. */
function dealt(
  threshold: number,
  holderCount: number,
  seed: number,
): { secrets: SharePair; derived: SharePair[]; pairs: readonly SharePair[] } {
  const rng = seededRng(seedOf("dealing", seed));
  const pair = (): SharePair => ({ self: rng.bytes(32), mask: rng.bytes(32) });
  const secrets = pair();
  const derived = Array.from({ length: threshold - 1 }, pair);
  return { secrets, derived, pairs: dealShares({ secrets, derived, holderCount }) };
}

const sizes = fc
  .integer({ min: 2, max: 12 })
  .chain((threshold) =>
    fc.record({ threshold: fc.constant(threshold), holderCount: fc.integer({ min: threshold, max: 20 }), seed: fc.nat() }),
  );

test("one holder fewer than the threshold derives its shares", () => {
  const parameters = sessionParameters({ cohortSize: 10, tolerance: { gamma: 0, delta: 0.2 } });
  expect(parameters.threshold).toBe(7);
  expect(derivedCount(parameters)).toBe(6);
});

test("any holders that are as many as the threshold rebuild both secrets, whoever of them derived its shares", () => {
  fc.assert(
    fc.property(sizes, fc.infiniteStream(fc.nat()), ({ threshold, holderCount, seed }, picks) => {
      const { secrets, pairs } = dealt(threshold, holderCount, seed);
      const order = pairs.map((pair, position) => ({ pair, position, key: picks.next().value! })).sort((a, b) => a.key - b.key);
      for (const kind of kinds) {
        const chosen = order.slice(0, threshold).map(({ pair, position }) => ({ coordinate: position + 1, share: pair[kind] }));
        expect(combineShares(chosen)).toEqual(secrets[kind]);
        expect(combineShares(chosen.slice(1))).not.toEqual(secrets[kind]);
      }
    }),
    { numRuns: 40 },
  );
});

test("the first holders' shares are those they derive, in their order, and the secrets are left as they were", () => {
  fc.assert(
    fc.property(sizes, ({ threshold, holderCount, seed }) => {
      const { secrets, derived, pairs } = dealt(threshold, holderCount, seed);
      expect(pairs.length).toBe(holderCount);
      expect(pairs.slice(0, threshold - 1)).toEqual(derived);
      expect(secrets).toEqual(dealt(threshold, holderCount, seed).secrets);
    }),
    { numRuns: 20 },
  );
});

test("shares of one fewer than the threshold fit every secret: with another secret they are dealt to the same holders", () => {
  const { derived, secrets } = dealt(5, 9, 1);
  const other = dealShares({ secrets: { self: secrets.mask, mask: secrets.self }, derived, holderCount: 9 });
  expect(other.slice(0, 4)).toEqual(derived);
  expect(combineShares(other.slice(0, 5).map(({ self }, i) => ({ coordinate: i + 1, share: self })))).toEqual(secrets.mask);
});

test("wiping leaves no share", () => {
  const { pairs } = dealt(3, 5, 2);
  wipeShares(pairs);
  for (const { self, mask } of pairs) expect([...self, ...mask]).toEqual(new Array(64).fill(0));
});
